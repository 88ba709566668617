"""Compiled files as Airflow imports and stores them, without a running Airflow."""

from pathlib import Path
from typing import Any

from flow_models import flow_of, step_of
from metaflow_airflow.commands.imports_in_airflow import dags_of, stored
from metaflow_airflow.compiler.deployment import Deployment, SavedFiles
from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.plan import plan_dag
from metaflow_airflow.compiler.render import render_dag


def compiled(flow: FlowModel | None = None, **options: Any) -> str:
    """Return the text that a flow compiles into; `options` are those of its Deployment."""
    deployment = Deployment(**({"dag_id": "F", "source": "f.py", "target": "d.py"} | options))
    return render_dag(plan_dag(flow or flow_of(step_of()), SavedFiles("F/data/00/0"), deployment))


def stored_dag(text: str, folder: Path) -> Any:
    """Return the DAG of a compiled file as Airflow stores it, after its import from a folder."""
    from airflow.serialization.serialized_objects import DagSerialization

    file = folder / "compiled_dag.py"
    file.write_text(text)
    (dag,) = dags_of(file)
    return DagSerialization.from_dict(stored(dag))
