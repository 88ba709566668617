"""Compiled files as Airflow imports and stores them, without a running Airflow."""

import json
from pathlib import Path
from typing import Any

import msgspec
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.deployment import Deployment, SavedFiles
from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.plan import plan_dag
from metaflow_airflow.compiler.render import render_dag


def compiled(flow: FlowModel | None = None, **options: Any) -> str:
    """Return the text that a flow compiles into; `options` are those of its Deployment."""
    deployment = Deployment(**({"dag_id": "F", "source": "f.py", "target": "d.py"} | options))
    return render_dag(plan_dag(flow or flow_of(step_of()), SavedFiles("F/data/00/0"), deployment))


def stored_dag(text: str, folder: Path) -> Any:
    """Return the DAG of a compiled file, imported from a folder and after all that Airflow does to store it.

    Raises AssertionError if Airflow cannot import it.
    """
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    file = folder / "compiled_dag.py"
    file.write_text(text)
    bag = DagBag(str(file))
    assert not bag.import_errors, bag.import_errors
    (dag,) = bag.dags.values()
    # The DAG processor's processes exchange msgpack; the database stores JSON.
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(DagSerialization.to_dict(dag)))
    return DagSerialization.from_dict(json.loads(json.dumps(sent)))
