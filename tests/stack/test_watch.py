"""A stack that stands still is noticed within 30 seconds and repaired, and the run that waits succeeds."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from local.errors import StackError
from local.pipeline.following import Follower
from local.pipeline.watch import Watch, busy_seconds
from local.stack.daemon import connect
from local.stack.processes import stack_processes
from tests.support.running_stack import SETTINGS_OF_TESTS, RunningStack

TWO_TASKS = """
import time

from airflow.sdk import dag, task


@dag(schedule=None)
def two_tasks():
    @task
    def first():
        time.sleep(5)

    @task
    def second():
        return "done"

    first() >> second()


two_tasks()
"""


@pytest.fixture(scope="module")
def watched(stack: RunningStack) -> Iterator[RunningStack]:
    (stack.dags_folder / "two_tasks.py").write_text(TWO_TASKS)
    stack.wait_for_dag("two_tasks")
    assert stack.rest.run("two_tasks").state == "success"
    with pytest.MonkeyPatch.context() as patch:
        # The watch restarts services with the variables of this process.
        for name in ("PATH", *SETTINGS_OF_TESTS):
            patch.setenv(name, stack.env[name])
        yield stack
    assert stack.local("up").returncode == 0


def most_seconds() -> float:
    """Return the seconds in which a fault is noticed: more than 30 only while the machine is overloaded."""
    return 30 + busy_seconds()


class Said(list[str]):
    """What the watch has said, and the seconds from its beginning to its first words."""

    def __init__(self) -> None:
        self.begin, self.seconds = time.monotonic(), 0.0

    def __call__(self, line: str) -> None:
        self.seconds = self.seconds or time.monotonic() - self.begin
        print(f"{time.monotonic() - self.begin:.1f} s {line}")
        self.append(line)


def follow(stack: RunningStack, run_id: str) -> Said:
    """Follow a run as `make run` does until it has succeeded, and return what the watch said meanwhile."""
    said = Said()
    watch = Watch(stack.settings, stack.rest, said)
    runs = Follower(stack.rest, "two_tasks", run_id).follow(lambda _: None, watch.look)
    print(f"{time.monotonic() - said.begin:.1f} s the run has ended")
    assert runs[0].state == "success"
    return said


def look_for_ever(watch: Watch) -> None:
    while True:
        watch.look()
        time.sleep(1)


def idle_workers(stack: RunningStack) -> list[psutil.Process]:
    scheduler = stack_processes(stack.settings.state, "scheduler")
    return [process for process in scheduler if "LocalExecutor: <idle>" in " ".join(process.cmdline())]


def test_tasks_run_although_idle_workers_were_killed(watched: RunningStack) -> None:
    idle = idle_workers(watched)
    assert idle
    for worker in idle:
        worker.kill()  # one of them has locked the queue
    begin = time.monotonic()
    assert watched.rest.run("two_tasks", timeout=120).state == "success"
    assert time.monotonic() - begin < most_seconds()


def test_a_task_that_stays_queued_is_noticed(watched: RunningStack) -> None:
    for worker in idle_workers(watched):
        os.kill(worker.pid, signal.SIGSTOP)
    said = follow(watched, watched.rest.trigger("two_tasks"))
    assert said[0].startswith(
        "The task two_tasks.first stays queued although a slot is free: restarting scheduler"
    )
    assert said.seconds < most_seconds()


def test_a_killed_supervisor_is_noticed(watched: RunningStack) -> None:
    run_id = watched.rest.trigger("two_tasks")
    supervisor = connect(watched.settings)
    assert supervisor
    os.kill(supervisor.getPID(), signal.SIGKILL)
    status = watched.local("status")
    assert "has been killed: `make run` repairs the stack" in status.stdout
    said = follow(watched, run_id)
    assert said[0].startswith("supervisord, which runs the services, has been killed: restarting the stack")
    assert said.seconds < most_seconds()


def test_a_stopped_scheduler_is_noticed(watched: RunningStack) -> None:
    supervisor = connect(watched.settings)
    assert supervisor
    os.kill(supervisor.getProcessInfo("scheduler")["pid"], signal.SIGSTOP)
    said = follow(watched, watched.rest.trigger("two_tasks"))
    assert said[0].startswith("The service scheduler gives no sign of life: restarting scheduler")
    assert said.seconds < most_seconds()


def test_what_cannot_be_repaired_ends_with_what_to_do(watched: RunningStack) -> None:
    supervisor = connect(watched.settings)
    assert supervisor
    folder = watched.settings.state / "s3" / "filerldb2"
    hidden = folder.rename(folder.with_suffix(".hidden"))
    folder.write_text("no database")
    watch = Watch(watched.settings, watched.rest, print)
    try:
        supervisor.stopProcess("s3", True)
        with pytest.raises(
            StackError, match=r"^The service s3 exits as soon as it starts. Last line of .*s3\.log"
        ):
            look_for_ever(watch)
    finally:
        folder.unlink()
        hidden.rename(folder)
