"""Showing DAG runs while they run: a live tree on a terminal, one line per change elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from local.pipeline.airflow_api import FINISHED
from local.pipeline.following import RunView, TaskView

MARKS = {
    "success": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "upstream_failed": ("✘", "red"),
    "running": ("▶", "cyan"),
    "deferred": ("▷", "cyan"),
    "up_for_retry": ("↻", "yellow"),
    "skipped": ("-", "dim"),
}
OTHER_MARK = ("·", "dim")


@contextmanager
def run_view(console: Console) -> Iterator[Callable[[list[RunView]], None]]:
    """Yield a function that shows the current state of the runs."""
    if not console.is_terminal:
        yield _Lines(console).show
        return
    seen: list[RunView] = []

    def show(runs: list[RunView]) -> None:
        seen[:] = runs
        live.update(run_tree(runs, rows=console.height - 1), refresh=True)

    try:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            yield show
    finally:
        console.print(run_tree(seen))


def run_tree(runs: list[RunView], rows: int | None = None) -> Table:
    """Return a tree of DAG runs and their tasks, with states and durations, in at most `rows` rows.

    If they do not fit, tasks of finished runs are left out first, then those of the first runs.
    """
    table = Table.grid(padding=(0, 2))
    for run in _fitting(runs, rows):
        table.add_row(_marked(run.state, run.dag_id, "bold"), run.state, _duration(run.seconds))
        for task in run.tasks:
            branch = "└─ " if task is run.tasks[-1] else "├─ "
            name = Text.assemble((branch, "dim"), _marked(task.state, _label(task)))
            table.add_row(name, task.state, _duration(task.seconds))
    return table


def _fitting(runs: list[RunView], rows: int | None) -> list[RunView]:
    """Return the runs without the tasks of some of them, so that the rest fits."""
    runs = list(runs)
    for index in sorted(range(len(runs)), key=lambda i: (runs[i].state not in FINISHED, i)):
        if rows is None or sum(1 + len(run.tasks) for run in runs) <= rows:
            break
        runs[index] = replace(runs[index], tasks=())
    return runs


class _Lines:
    """Prints what has changed since the last call."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.begin = time.monotonic()
        self.seen: dict[tuple[str, str], str] = {}

    def show(self, runs: list[RunView]) -> None:
        for run in runs:
            self._line(run.dag_id, "", run.state, run.seconds)
            for task in run.tasks:
                self._line(run.dag_id, task.task_id, task.state, task.seconds)

    def _line(self, dag_id: str, task_id: str, state: str, seconds: float) -> None:
        if state in ("waiting", "scheduled", "queued") or self.seen.get((dag_id, task_id)) == state:
            return
        self.seen[dag_id, task_id] = state
        name = f"{dag_id}.{task_id}" if task_id else dag_id
        took = f"  {_duration(seconds)}" if state in ("success", "failed") else ""
        elapsed = time.monotonic() - self.begin
        self.console.print(f"{elapsed:6.1f} s  {name}  {state}{took}", highlight=False, soft_wrap=True)


def _label(task: TaskView) -> str:
    return task.task_id if task.instances == 1 else f"{task.task_id} [{task.ended}/{task.instances}]"


def _marked(state: str, name: str, style: str = "") -> Text:
    mark, color = MARKS.get(state, OTHER_MARK)
    return Text.assemble((f"{mark} ", color), (name, style))


def _duration(seconds: float) -> str:
    if not seconds:
        return ""
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
