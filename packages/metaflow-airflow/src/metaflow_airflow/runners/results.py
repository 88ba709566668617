"""Reads the result of a step's process, and turns its failure into Airflow's."""

from typing import NoReturn

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult, StepTask

# metaflow.exception.METAFLOW_EXIT_DISALLOW_RETRY; not imported because Metaflow is slow to import
DO_NOT_RETRY = 202


def read_result(task: StepTask, text: str) -> StepResult:
    """Return the result that a task's process left before it ended with exit code 0.

    Raises:
        AirflowException: If it left none, so the step is not complete; exit hooks leave none.
    """
    result = StepResult.from_json(text)
    if not result.complete and not task.hooks:
        step_failed(task, "exit code 0, but the step ended before self.next")
    return result


def step_failed(task: StepTask, how: str, exit_code: int | None = None) -> NoReturn:
    """Raise the failure of a task.

    Args:
        task: The task.
        how: The exit code, and a reason if one is known, for the message.
        exit_code: The exit code of the task's process.

    Raises:
        AirflowFailException: If Metaflow says not to retry the task.
        AirflowException: Otherwise.
    """
    kind = AirflowFailException if exit_code == DO_NOT_RETRY else AirflowException
    if task.hooks:
        raise kind(f"An exit hook of {task.flow}/{task.run_id} failed ({how}); its output is above.")
    raise kind(
        f"Step {task.step!r} of {task.flow} failed ({how}); its output is above, "
        f"and in Metaflow under {task.flow}/{task.run_id}/{task.step}/{task.task_id}."
    )
