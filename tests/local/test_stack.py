"""The stack keeps to itself, repairs itself, and leaves nothing behind."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
import psutil
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local.errors import StackError
from local.stack.daemon import connect
from local.stack.environment import BUCKETS
from local.stack.health import is_ready
from local.stack.processes import SERVICE_MARK, stack_processes
from local.stack.services import SERVICES
from local.stack.start_and_stop import require_free_disk
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


def test_every_socket_is_on_the_loopback_interface(stack: RunningStack) -> None:
    sockets = [
        connection.laddr
        for process in stack_processes(stack.settings.state)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in sockets} == {"127.0.0.1"}
    assert {address.port for address in sockets} == set(stack.settings.all_ports.values())


@pytest.mark.parametrize(
    "credentials",
    [
        {"config": Config(signature_version=UNSIGNED)},
        {"aws_access_key_id": "someone", "aws_secret_access_key": "else"},
    ],
    ids=["anonymous", "unknown"],
)
def test_storage_refuses_those_without_its_keys(stack: RunningStack, credentials: dict) -> None:
    stack.s3.put_object(Bucket="taxi-data", Key="secret", Body=b"trip")
    stranger = boto3.client("s3", endpoint_url=stack.settings.s3_url, region_name="us-east-1", **credentials)
    for request in (
        lambda: stranger.get_object(Bucket="taxi-data", Key="secret"),
        lambda: stranger.list_objects_v2(Bucket="taxi-data"),
        lambda: stranger.put_object(Bucket="taxi-data", Key="mine", Body=b""),
        lambda: stranger.create_bucket(Bucket="mine"),
    ):
        with pytest.raises(ClientError) as refusal:
            request()
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_secrets_are_readable_by_their_owner_only(stack: RunningStack) -> None:
    state = stack.settings.state
    assert state.stat().st_mode & 0o077 == 0
    for file in ("env", "credentials.json", "s3-identities.json"):
        assert (state / file).stat().st_mode & 0o777 == 0o600


def test_starting_a_running_stack_changes_nothing(stack: RunningStack) -> None:
    before = services_of(stack)
    begin = time.monotonic()
    again = stack.local("up")
    assert again.returncode == 0, again.stderr
    assert services_of(stack) == before
    assert time.monotonic() - begin < 10


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
    with subprocess.Popen(["sleep", "600"]) as stranger:  # to whom the system has given the pid anew, say
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


def test_a_service_that_cannot_start_is_named_in_one_sentence(stack: RunningStack) -> None:
    assert stack.local("down").returncode == 0
    folder = stack.settings.state / "s3" / "filerldb2"
    hidden = folder.rename(folder.with_suffix(".hidden"))
    folder.write_text("no database")
    try:
        broken = stack.local("up")
    finally:
        folder.unlink()
        hidden.rename(folder)
    (sentence,) = broken.stderr.splitlines()
    assert broken.returncode == 1
    assert sentence.startswith("The service s3 ends as soon as it starts; its last words: ")
    assert str(stack.settings.logs / "s3.log") in sentence
    assert stack.local("up").returncode == 0
    assert_repaired(stack)


def test_a_full_disk_is_said_in_one_sentence(stack: RunningStack) -> None:
    with pytest.raises(StackError, match=r"^The disk .* GB left and the stack needs .* GB: free"):
        require_free_disk(stack.settings, least=2**62)


def test_no_secret_is_in_a_log(stack: RunningStack) -> None:
    secrets = [
        value
        for name, value in stack.env.items()
        if name
        in (
            "AWS_SECRET_ACCESS_KEY",
            "AIRFLOW__CORE__FERNET_KEY",
            "AIRFLOW__API_AUTH__JWT_SECRET",
            "AIRFLOW__API__SECRET_KEY",
        )
    ]
    logs = [file for file in stack.settings.state.rglob("*.log*") if file.is_file()]
    assert len(secrets) == 4
    assert {f"{service}.log" for service in SERVICES} <= {log.name for log in logs}
    assert [(log, s) for log in logs for s in secrets if s in log.read_text(errors="replace")] == []
