"""The compiler: read, check, plan, render, write; what passes from one to the next is frozen data."""

from pathlib import Path
from typing import Any

from metaflow_airflow.compiler.check import check_flow
from metaflow_airflow.compiler.package import save_package
from metaflow_airflow.compiler.plan import Deployment, plan_dag
from metaflow_airflow.compiler.read import read_flow
from metaflow_airflow.compiler.render import render_dag
from metaflow_airflow.compiler.write import check_target, write_dag


def compile_to_file(state: Any, flow_file: Path, target: Path, dag_id: str, **options: Any) -> bool:
    """Compile a flow into a DAG file and return whether the file changed.

    `state` is the object of Metaflow's command line, its flow checked and its decorators initialized;
    `options` are fields of Deployment. Raises UnsupportedFlow with everything that Airflow cannot run,
    CannotWrite when the file may or can not be written; nothing is uploaded or written then.
    """
    check_target(target, flow_file)
    flow = read_flow(
        state.flow, state.graph, flow_file.name, state.environment.TYPE, state.flow_datastore.TYPE
    )
    check_flow(flow)
    source, shown_target = _shown_paths(flow_file.resolve(), target.resolve())
    deployment = Deployment(
        dag_id=dag_id, package=save_package(state), source=source, target=shown_target, **options
    )
    return write_dag(target, render_dag(plan_dag(flow, deployment)))


def _shown_paths(flow_file: Path, target: Path) -> tuple[str, str]:
    """Return how the header names the two files: the same wherever the project lies and the command runs."""
    project = target.parent.parent
    if flow_file.is_relative_to(project):
        return flow_file.relative_to(project).as_posix(), target.relative_to(project).as_posix()
    return flow_file.name, target.name
