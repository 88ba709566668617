"""The compiler: read, check, save, plan, render, write; frozen data passes from one stage to the next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from metaflow_airflow.compiler.check import check_flow
from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.plan import plan_dag
from metaflow_airflow.compiler.read import read_flow
from metaflow_airflow.compiler.render import render_dag
from metaflow_airflow.compiler.save import save_files
from metaflow_airflow.compiler.write import check_target, has_text, require_same, write_dag


def compile_flow(state: Any, flow_file: Path, deployment: Deployment, *, upload: bool = True) -> str:
    """Return the text of the DAG file that a flow compiles into.

    Args:
        state: The object of Metaflow's command line, its flow checked and its decorators initialized.
        flow_file: The flow's file.
        deployment: What the command line says about the DAG.
        upload: Whether to upload the code package and the included files.

    Raises:
        UnsupportedFlow: Airflow cannot run the flow; the message lists every reason. Nothing is uploaded.
    """
    flow = read_flow(state, flow_file.name)
    check_flow(flow, deployment)
    saved = save_files(state, upload=upload)
    return render_dag(plan_dag(flow, saved, deployment))


def compile_to_file(
    state: Any, flow_file: Path, target: Path, deployment: Deployment, try_out: Callable[[str], None]
) -> bool:
    """Compile a flow into a DAG file and return whether the file changed.

    Args:
        state: The object of Metaflow's command line, its flow checked and its decorators initialized.
        flow_file: The flow's file.
        target: The DAG's file.
        deployment: What the command line says about the DAG.
        try_out: Called with a new text before it replaces the file, which stays as it is if that raises.

    Raises:
        UnsupportedFlow: As for `compile_flow`; nothing is uploaded or written.
        CannotWrite: The file may not be written there, in which case nothing is uploaded, or cannot be.
    """
    check_target(target, flow_file)
    text = compile_flow(state, flow_file, deployment)
    if has_text(target, text):  # not touched, so Airflow does not parse it again
        return False
    try_out(text)
    write_dag(target, text)
    return True


def check_drift(state: Any, flow_file: Path, target: Path, deployment: Deployment) -> None:
    """Raise Drift if a DAG file is not what its flow compiles into. Nothing is uploaded or written."""
    require_same(target, compile_flow(state, flow_file, deployment, upload=False), flow_file)
