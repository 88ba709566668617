"""The lines that surround a step's output in Airflow's log; Metaflow's log of the task has none of them."""

import shlex
from collections.abc import Iterable

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    StepTask,
    step_arguments,
    top_level_options,
)

MOST_CHARACTERS = 2000  # of a line: a join may have thousands of inputs


def opening_lines(task: StepTask) -> list[str]:
    """Return the task's pathspec and its command."""
    return [
        f"Metaflow task: {task.flow}/{_path(task)} (attempt {task.attempt})",
        _shortened(f"Command: {shlex.join(_command(task))}"),
    ]


def cards_line(task: StepTask) -> str:
    """Return how to look at the task's cards."""
    return f"Cards: {shlex.join(['python', task.file, 'card', 'view', _path(task)])}"


def saved_line(names: Iterable[str]) -> str:
    """Return the names of the artifacts that the task has saved."""
    return _shortened(f"Saved: {', '.join(sorted(names)) or 'no new artifacts'}")


def _path(task: StepTask) -> str:
    return f"{task.run_id}/{task.step}/{task.task_id}"


def _command(task: StepTask) -> list[str]:
    """Return Metaflow's command without options that may contain secrets, such as variables in `--with`."""
    arguments = step_arguments(task)[len(top_level_options(task)) :]
    named = ("--namespace=", "--tag=")
    return ["python", task.file, *(each for each in arguments if not each.startswith(named))]


def _shortened(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
