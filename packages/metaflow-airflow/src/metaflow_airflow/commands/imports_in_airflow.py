"""Imports a DAG file as Airflow's DAG processor does. A program: Airflow reads its settings when imported."""

import ast
import json
import runpy
import sys
from pathlib import Path
from typing import Any


def main(file: Path, result: Path, *, is_group: bool) -> None:
    """Write the version of Airflow and, if there is one, the problem with a file.

    Args:
        file: The DAG file.
        result: The JSON file to write.
        is_group: The file has a task group instead of a DAG.
    """
    try:
        import airflow.sdk

        import metaflow_airflow.operators  # noqa: F401  (what the file imports)
    except Exception as error:  # whatever is wrong with this Airflow, it is not the fault of the file
        result.write_text(json.dumps({"unusable": _shown(error)}))
        return
    problem = None
    try:
        for dag in [dag_with_group(file)] if is_group else dags_of(file):
            stored(dag)
    except Exception as error:  # every kind of failure would keep Airflow from serving the DAG
        problem = _shown(error)
    result.write_text(json.dumps({"version": airflow.__version__, "problem": problem}))


def dags_of(file: Path) -> list[Any]:
    """Return the DAGs of a file.

    Raises:
        ImportError: Airflow cannot import the file.
    """
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:  # Airflow 3.1
        from airflow.models.dagbag import DagBag  # type: ignore[no-redef]

    bag = DagBag(str(file))
    for error in bag.import_errors.values():
        raise ImportError(error.strip().splitlines()[-1])
    return list(bag.dags.values())


def dag_with_group(file: Path) -> Any:
    """Return a DAG that calls the task group of a file with values that are known only when it runs."""
    from airflow.sdk import DAG, task

    name = next(each.name for each in reversed(ast.parse(file.read_text()).body) if hasattr(each, "name"))
    module = runpy.run_path(str(file))
    with DAG("dag_with_group") as dag:
        value = task(_value)()
        module[name](**dict.fromkeys(module["FLOW"].params, value))
    dag.validate()
    return dag


def _value() -> None:
    """Stand for a task whose result is a parameter of the flow."""


def stored(dag: Any) -> Any:
    """Return what Airflow stores of a DAG. Any exception means that it cannot store the DAG."""
    import msgspec
    from airflow.serialization import serialized_objects

    # Airflow 3.1 has another name for it.
    kind: Any = getattr(serialized_objects, "DagSerialization", None) or serialized_objects.SerializedDAG
    # The processes of the DAG processor exchange msgpack; the database stores JSON.
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(kind.to_dict(dag)))
    return json.loads(json.dumps(sent, allow_nan=False))


def _shown(error: Exception) -> str:
    return str(error) if type(error) is ImportError else f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), is_group=sys.argv[3] == "1")
