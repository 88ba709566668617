"""What a step's process leaves behind, and what its failure means to Airflow."""

import json
from pathlib import Path
from typing import Any, NoReturn

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

DO_NOT_RETRY = 202  # metaflow.exception.METAFLOW_EXIT_DISALLOW_RETRY; not imported, Metaflow is heavy


def read_result(path: Path) -> dict[str, Any]:
    """Return what the task left for Airflow; empty when it left nothing."""
    return json.loads(path.read_text()) if path.exists() else {}


def step_failed(task: StepTask, how: str, exit_code: int | None = None) -> NoReturn:
    """Raise the failure of a task; one that Metaflow says not to retry is not retried."""
    kind = AirflowFailException if exit_code == DO_NOT_RETRY else AirflowException
    if task.hooks:
        raise kind(f"An exit hook of {task.flow}/{task.run_id} failed ({how}); its own messages are above.")
    raise kind(
        f"Step {task.step!r} of {task.flow} failed ({how}); its own messages are above, "
        f"and in Metaflow as {task.flow}/{task.run_id}/{task.step}/{task.task_id}."
    )
