"""Watching a DAG run and the runs that it triggers, until all have ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow_client.client.exceptions import ApiException
from airflow_client.client.models.task_instance_response import TaskInstanceResponse
from urllib3.exceptions import HTTPError

from local.errors import StackError
from local.pipeline.airflow_api import FINISHED, AirflowApi

SECONDS_BETWEEN_LOOKS = 1
SECONDS_WITHOUT_ANSWER = 120
DONE = ("success", "skipped", "failed", "upstream_failed", "removed")
# How the states of a mapped task's instances make one: the first of these that occurs.
PRECEDENCE = (
    "failed",
    "running",
    "deferred",
    "restarting",
    "up_for_retry",
    "up_for_reschedule",
    "queued",
    "scheduled",
    "waiting",
    "upstream_failed",
    "success",
    "skipped",
    "removed",
)


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task at one moment; `ended` of `instances` are done, more than one if the task is mapped."""

    task_id: str
    state: str
    seconds: float
    instances: int
    ended: int


@dataclass(frozen=True, slots=True)
class RunView:
    """A DAG run at one moment; a run that has not been triggered yet has no id and no tasks."""

    dag_id: str
    run_id: str | None
    state: str
    seconds: float
    tasks: tuple[TaskView, ...] = ()


class Follower:
    """Looks at one DAG run and at the runs triggered by its tasks `children` (task id to DAG id)."""

    def __init__(self, api: AirflowApi, dag_id: str, run_id: str, children: dict[str, str]) -> None:
        self.api = api
        self.dag_id = dag_id
        self.run_id = run_id
        self.children = children
        self._task_order: dict[str, list[str]] = {}

    def follow(self, show: Callable[[list[RunView]], None]) -> list[RunView]:
        """Call `show` with each new look until the run has ended; return the last look, the run first.

        Raises StackError when Airflow does not answer for `SECONDS_WITHOUT_ANSWER`.
        """
        answered = time.monotonic()
        while True:
            try:
                runs = self.look()
            except (ApiException, HTTPError, OSError) as error:  # being restarted, for example
                if time.monotonic() - answered > SECONDS_WITHOUT_ANSWER:
                    raise StackError(
                        f"Airflow has not answered for {SECONDS_WITHOUT_ANSWER} s: `make run` repairs it."
                    ) from error
            else:
                answered = time.monotonic()
                show(runs)
                if runs[0].state in FINISHED:
                    return runs
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def look(self) -> list[RunView]:
        """Return the run and the runs it triggers, in that order, as they are now."""
        runs = [self._run(self.dag_id, self.run_id)]
        states = {task.task_id: task.state for task in runs[0].tasks}
        for task_id, dag_id in self.children.items():
            run_id = None
            if states.get(task_id) not in ("waiting", "scheduled", "queued", "upstream_failed"):
                run_id = self.api.xcom(self.dag_id, self.run_id, task_id, key="trigger_run_id")
            runs.append(self._run(dag_id, run_id) if run_id else RunView(dag_id, None, "waiting", 0))
        return runs

    def _run(self, dag_id: str, run_id: str) -> RunView:
        run = self.api.dag_run(dag_id, run_id)
        instances: dict[str, list[TaskInstanceResponse]] = {task_id: [] for task_id in self._order(dag_id)}
        for instance in self.api.task_instances(dag_id, run_id):
            instances.setdefault(instance.task_id, []).append(instance)
        tasks = tuple(_task_view(task_id, group) for task_id, group in instances.items() if group)
        return RunView(
            dag_id, run_id, str(run.state.value), _seconds([run.start_date], [run.end_date]), tasks
        )

    def _order(self, dag_id: str) -> list[str]:
        if dag_id not in self._task_order:
            self._task_order[dag_id] = self.api.task_ids(dag_id)
        return self._task_order[dag_id]


def state_of(instance: TaskInstanceResponse) -> str:
    """Return a task instance's state as a word; one that the scheduler has not looked at yet is waiting."""
    return str(instance.state.value) if instance.state else "waiting"


def _task_view(task_id: str, group: list[TaskInstanceResponse]) -> TaskView:
    states = [state_of(instance) for instance in group]
    return TaskView(
        task_id,
        min(states, key=PRECEDENCE.index),
        _seconds([each.start_date for each in group], [each.end_date for each in group]),
        len(group),
        sum(state in DONE for state in states),
    )


def _seconds(starts: list[datetime | None], ends: list[datetime | None]) -> float:
    """Return the time from the first start to the last end, or to now while something has not ended."""
    known = [start for start in starts if start]
    if not known:
        return 0.0
    still_going = any(start and not end for start, end in zip(starts, ends, strict=True))
    last = datetime.now(UTC) if still_going else max(end for end in ends if end)
    return (last - min(known)).total_seconds()
