"""Following a DAG run and the runs that it triggers until all have finished."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from airflow_client.client.models.task_instance_response import TaskInstanceResponse
from metaflow_airflow.commands.rest import AirflowError

from local.errors import StackError
from local.pipeline.airflow_api import FINISHED, AirflowApi

SECONDS_BETWEEN_LOOKS = 1
SECONDS_WITHOUT_ANSWER = 120
DONE = ("success", "skipped", "failed", "upstream_failed", "removed")
# The state of a mapped task is the first of these that one of its instances has.
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
    """A task at one moment.

    A mapped task has several `instances`, of which `ended` have finished. `triggered_dag` is the id of the
    DAG that it triggers, if it triggers one.
    """

    task_id: str
    state: str
    seconds: float
    instances: int
    ended: int
    triggered_dag: str | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A DAG run at one moment."""

    dag_id: str
    run_id: str
    state: str
    seconds: float
    tasks: tuple[TaskView, ...] = ()


class Follower:
    """Follows one DAG run and the runs that its tasks trigger."""

    def __init__(self, api: AirflowApi, dag_id: str, run_id: str) -> None:
        self.api = api
        self.dag_id = dag_id
        self.run_id = run_id
        self._task_order: dict[str, list[str]] = {}

    def follow(self, show: Callable[[list[RunView]], None], watch: Callable[[], None]) -> list[RunView]:
        """Call `show` and `watch` about once a second until the run has finished; return the last look at it.

        Raises:
            StackError: Airflow has not answered for `SECONDS_WITHOUT_ANSWER`, or `watch` raises it.
        """
        answered = time.monotonic()
        while True:
            watch()
            try:
                runs = self.look()
            except AirflowError as error:  # it is being restarted, for example
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
        """Return the run and the runs that it has triggered so far, in that order, as they are now."""
        runs = [self._run(self.dag_id, self.run_id)]
        for task in runs[0].tasks:
            if not task.triggered_dag:
                continue
            # An XCom of Airflow's TriggerDagRunOperator; there is none before it has triggered the run.
            if run_id := self.api.xcom(self.dag_id, self.run_id, task.task_id, key="trigger_run_id"):
                runs.append(self._run(task.triggered_dag, run_id))
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
    """Return the name of a task instance's state: `waiting` before the scheduler has considered it."""
    return str(instance.state.value) if instance.state else "waiting"


def _task_view(task_id: str, group: list[TaskInstanceResponse]) -> TaskView:
    states = [state_of(instance) for instance in group]
    return TaskView(
        task_id,
        min(states, key=PRECEDENCE.index),
        _seconds([each.start_date for each in group], [each.end_date for each in group]),
        len(group),
        sum(state in DONE for state in states),
        (group[0].rendered_fields or {}).get("trigger_dag_id"),
    )


def _seconds(starts: list[datetime | None], ends: list[datetime | None]) -> float:
    """Return the time from the first start to the last end, or to now while something has not ended."""
    known = [start for start in starts if start]
    if not known:
        return 0.0
    still_going = any(start and not end for start, end in zip(starts, ends, strict=True))
    last = datetime.now(UTC) if still_going else max(end for end in ends if end)
    return (last - min(known)).total_seconds()
