"""Noticing that the stack stands still, and restarting what is needed."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from airflow_client.client.api.task_instance_api import TaskInstanceApi
from metaflow_airflow.commands.rest import AirflowError

from local.errors import StackError
from local.pipeline.airflow_api import AirflowApi
from local.stack.daemon import CONNECTION_ERRORS, connect
from local.stack.environment import PARALLELISM
from local.stack.health import silent_services, unanswering_services
from local.stack.settings import Settings
from local.stack.start_and_stop import DOWN, is_wanted, restart, up

ALL = "the stack"
SUPERVISOR_KILLED = "supervisord, which runs the services, has been killed"
SECONDS_BETWEEN_LOOKS = 3
SECONDS_TO_BE_SURE = 3  # supervisord may be restarting it, or the machine was busy
SECONDS_WITHOUT_ANSWER = 17  # a server waits for SQLite's only writer
TIME_IN_QUEUE = timedelta(seconds=15)  # a task with a free slot starts within two seconds
SECONDS_TO_START = 40  # until the first sign of life of a service that has just been started
BUSY_LOAD = 2.0  # processes for each processor, from which on a service may be slow rather than stuck
SECONDS_FOR_LOAD = 10  # of patience for each process more
MOST_RESTARTS = 3
STARTED = ("running", "restarting")


@dataclass(frozen=True, slots=True)
class Fault:
    """What to restart, a service or `ALL`, and why; certain once it has lasted for `patience` seconds."""

    part: str
    reason: str
    patience: float


@dataclass
class Watch:
    """Looks after a running stack and repairs it; `say` is called with each line for the user."""

    settings: Settings
    api: AirflowApi
    say: Callable[[str], None]
    _since: dict[str, float] = field(default_factory=dict)  # by part, when its fault was first seen
    _restarts: int = 0
    _next_look: float = 0.0

    def look(self) -> None:
        """Repair what does not work; do nothing if the last look was a moment ago.

        Raises:
            StackError: it cannot be repaired; the message says what to do.
        """
        now = time.monotonic()
        if now < self._next_look:
            return
        found = list(faults(self.settings, self.api))
        self._since = {fault.part: self._since.get(fault.part, now) for fault in found}
        certain = [fault for fault in found if now - self._since[fault.part] >= fault.patience]
        if certain:
            self._repair(certain[0])
            self._since = {}
        self._next_look = time.monotonic() + SECONDS_BETWEEN_LOOKS

    def _repair(self, fault: Fault) -> None:
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            raise StackError(
                f"{fault.reason}, and {MOST_RESTARTS} restarts have not helped: run `make stop`, then "
                f"`make run`. The logs are in {self.settings.logs}."
            )
        self.say(f"{fault.reason}: restarting {fault.part} …")
        if fault.part == ALL:
            self.settings = up(self.settings, self._show)
        else:
            restart(fault.part, self.settings, self._show)

    def _show(self, part: str, state: str, seconds: float) -> None:
        self.say(f"  {part:<14} {state:<8} {seconds:5.1f} s")


def faults(settings: Settings, api: AirflowApi) -> Iterator[Fault]:
    """Yield what does not work. Raises StackError if somebody has stopped the stack."""
    supervisor = connect(settings)
    if not supervisor:
        if not is_wanted(settings):
            raise StackError("The stack has been stopped: `make run` starts it again.")
        yield Fault(ALL, SUPERVISOR_KILLED, patience=0)
        return
    slow = SECONDS_TO_BE_SURE + busy_seconds()
    starting = set()
    with suppress(*CONNECTION_ERRORS):
        for process in supervisor.getAllProcessInfo():
            if process["statename"] in DOWN:
                yield Fault(process["name"], f"The service {process['name']} has ended", SECONDS_TO_BE_SURE)
            if process["now"] - process["start"] < SECONDS_TO_START:
                starting.add(process["name"])
    for service in unanswering_services(settings):
        if service not in starting:
            yield Fault(service, f"The service {service} does not answer", SECONDS_WITHOUT_ANSWER + slow)
    for service in silent_services(settings):
        if service not in starting:
            yield Fault(service, f"The service {service} gives no sign of life", slow)
    with suppress(AirflowError):
        if "scheduler" not in starting and (task := waiting_task(api)):
            reason = f"The task {task} stays queued although a slot is free"
            yield Fault("scheduler", reason, slow)


def busy_seconds() -> float:
    """Return how many seconds of patience an overloaded machine needs; 0 on one that is not."""
    load, _, _ = os.getloadavg()
    return max(0.0, load / (os.cpu_count() or 1) - BUSY_LOAD) * SECONDS_FOR_LOAD


def waiting_task(api: AirflowApi) -> str | None:
    """Return a task that has been queued for too long although a slot is free; None if there is none."""
    listing = TaskInstanceApi(api.client).get_task_instances
    tasks = list(api.airflow.pages(listing, "task_instances", "~", "~", state=["queued", *STARTED]))
    if sum(task.state in STARTED for task in tasks) >= int(PARALLELISM):
        return None
    latest = datetime.now(UTC) - TIME_IN_QUEUE
    waiting = (task for task in tasks if task.state == "queued" and task.queued_when)
    return next((f"{task.dag_id}.{task.task_id}" for task in waiting if task.queued_when < latest), None)
