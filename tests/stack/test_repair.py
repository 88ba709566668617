"""A stack is repaired after its processes were killed, and leaves none behind when it stops."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from local.stack.daemon import connect
from local.stack.health import is_ready
from local.stack.processes import SERVICE_MARK, stack_processes
from local.stack.services import SERVICES
from local.storage_settings import BUCKETS
from tests.support.running_stack import RunningStack

LONG_TASK = """
import subprocess

from airflow.sdk import dag, task


@dag(schedule=None)
def long_task():
    @task
    def sleep():
        subprocess.run(["sleep", "3600"], start_new_session=True)

    sleep()


long_task()
"""


def services_of(stack: RunningStack) -> dict[str, int]:
    supervisor = connect(stack.settings)
    assert supervisor
    return {service: supervisor.getProcessInfo(service)["pid"] for service in SERVICES}


def daemon_of(stack: RunningStack) -> psutil.Process:
    supervisor = connect(stack.settings)
    assert supervisor
    return psutil.Process(supervisor.getPID())


def assert_repaired(stack: RunningStack) -> None:
    """All services work, and every process of the stack has the one supervisord above it."""
    daemon = daemon_of(stack)
    family = {daemon.pid, *(child.pid for child in daemon.children(recursive=True))}
    assert {process.pid for process in stack_processes(stack.settings.state)} <= family
    assert all(is_ready(service, stack.settings, 0) for service in SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_is_repaired(stack: RunningStack, service: str) -> None:
    before = services_of(stack)
    psutil.Process(before[service]).kill()
    repaired = stack.local("up")
    assert repaired.returncode == 0, repaired.stderr
    assert services_of(stack)[service] != before[service]
    assert_repaired(stack)


def test_a_killed_supervisor_is_repaired_once_by_two_starts_at_once(stack: RunningStack) -> None:
    daemon = daemon_of(stack)
    orphans = daemon.children(recursive=True)
    daemon.kill()
    daemon.wait()
    with subprocess.Popen(["sleep", "600"]) as stranger:  # as if the operating system had reused the pid
        (stack.settings.state / "supervisord.pid").write_text(f"{stranger.pid}\n")
        with ThreadPoolExecutor() as pool:
            starts = list(pool.map(lambda _: stack.local("up"), range(2)))
        assert stranger.poll() is None
        stranger.kill()
    assert [start.returncode for start in starts] == [0, 0], [start.stderr for start in starts]
    assert not any(orphan.is_running() for orphan in orphans)
    daemons = [p for p in stack_processes(stack.settings.state) if SERVICE_MARK not in p.environ()]
    assert [daemon.pid for daemon in daemons] == [daemon_of(stack).pid]
    assert_repaired(stack)


def test_stopping_ends_everything_and_a_start_killed_half_way_is_repaired(stack: RunningStack) -> None:
    (stack.dags_folder / "long_task.py").write_text(LONG_TASK)
    stack.wait_for_dag("long_task")
    run_id = stack.rest.trigger("long_task")
    deadline = time.monotonic() + 60
    while not (sleepers := [p for p in stack_processes(stack.settings.state) if p.name() == "sleep"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    everything = stack_processes(stack.settings.state)

    stopped = stack.local("down")

    assert stopped.returncode == 0, stopped.stderr
    assert stack_processes(stack.settings.state) == []
    assert not any(process.is_running() for process in everything + sleepers)

    command = [sys.executable, "-m", "local", "up"]
    with subprocess.Popen(command, env=stack.env, stdout=subprocess.PIPE, text=True) as start:
        assert start.stdout
        assert "s3" in start.stdout.readline()
        start.kill()
    assert stack.local("up").returncode == 0
    assert_repaired(stack)
    assert {bucket["Name"] for bucket in stack.s3.list_buckets()["Buckets"]} == set(BUCKETS)
    assert stack.rest.dag_run("long_task", run_id).dag_run_id == run_id
    (stack.dags_folder / "long_task.py").unlink()


def test_a_service_that_cannot_start_is_reported(stack: RunningStack) -> None:
    assert stack.local("down").returncode == 0
    folder = stack.settings.state / "s3" / "filerldb2"
    hidden = folder.rename(folder.with_suffix(".hidden"))
    folder.write_text("no database")
    try:
        broken = stack.local("up")
    finally:
        folder.unlink()
        hidden.rename(folder)
    (message,) = broken.stderr.splitlines()
    assert broken.returncode == 1
    assert message.startswith("The service s3 exits as soon as it starts. Last line of ")
    assert str(stack.settings.logs / "s3.log") in message
    assert stack.local("up").returncode == 0
    assert_repaired(stack)
