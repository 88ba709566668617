"""The compiler: read, check, plan, render, write; what passes from one to the next is frozen data."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from metaflow_airflow.compiler.check import check_flow
from metaflow_airflow.compiler.include import save_included_files
from metaflow_airflow.compiler.package import save_package
from metaflow_airflow.compiler.plan import Deployment, plan_dag
from metaflow_airflow.compiler.read import read_flow
from metaflow_airflow.compiler.render import render_dag
from metaflow_airflow.compiler.write import check_target, require_same, write_dag


def compile_flow(
    state: Any, flow_file: Path, target: Path, dag_id: str, upload: bool = True, **options: Any
) -> str:
    """Return the text of the DAG file that a flow compiles into.

    `state` is the object of Metaflow's command line, its flow checked and its decorators initialized;
    `options` are fields of Deployment. The code package is uploaded unless `upload` is False.
    Raises UnsupportedFlow with everything that Airflow cannot run; nothing is uploaded then.
    """
    flow = read_flow(state.flow, state.graph, flow_file.name, state.environment, state.flow_datastore.TYPE)
    if options.get("task_group"):
        flow = replace(flow, schedule=None, events=())  # it is the DAG around it that says when
    check_flow(flow)
    source, shown_target = _shown_paths(flow_file.resolve(), target.resolve())
    package = save_package(state, upload)
    deployment = Deployment(
        dag_id=dag_id,
        package=package,
        included=save_included_files(state),
        source=source,
        target=shown_target,
        **options,
    )
    return render_dag(plan_dag(flow, deployment))


def compile_to_file(state: Any, flow_file: Path, target: Path, dag_id: str, **options: Any) -> bool:
    """Compile a flow into a DAG file, as `compile_flow` does, and return whether the file changed.

    Raises CannotWrite when the file may or can not be written; nothing is uploaded or written then.
    """
    check_target(target, flow_file)
    return write_dag(target, compile_flow(state, flow_file, target, dag_id, **options))


def check_drift(state: Any, flow_file: Path, target: Path, dag_id: str, **options: Any) -> None:
    """Raise Drift when a DAG file is not what its flow compiles into; no file or package is written."""
    require_same(target, compile_flow(state, flow_file, target, dag_id, upload=False, **options), flow_file)


def _shown_paths(flow_file: Path, target: Path) -> tuple[str, str]:
    """Return how the header names the two files: the same wherever the project lies and the command runs."""
    # A DAGs folder lies in the project, and compiled files may have a folder of their own in it.
    for project in target.parents[1:3]:
        if flow_file.is_relative_to(project):
            return flow_file.relative_to(project).as_posix(), target.relative_to(project).as_posix()
    return flow_file.name, target.name
