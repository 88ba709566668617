"""A running stack: its sockets, its secrets, and starting it again."""

import time

import boto3
import psutil
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local.errors import StackError
from local.stack.daemon import connect
from local.stack.processes import stack_processes
from local.stack.services import SERVICES
from local.stack.start_and_stop import require_free_disk
from tests.support.running_stack import RunningStack


def pids_of_services(stack: RunningStack) -> dict[str, int]:
    supervisor = connect(stack.settings)
    assert supervisor
    return {service: supervisor.getProcessInfo(service)["pid"] for service in SERVICES}


def test_every_socket_is_on_the_loopback_interface(stack: RunningStack) -> None:
    sockets = [
        connection.laddr
        for process in stack_processes(stack.settings.state)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in sockets} == {"127.0.0.1"}
    assert {address.port for address in sockets} == stack.settings.ports.all


@pytest.mark.parametrize(
    "credentials",
    [
        {"config": Config(signature_version=UNSIGNED)},
        {"aws_access_key_id": "someone", "aws_secret_access_key": "else"},
    ],
    ids=["anonymous", "unknown"],
)
def test_storage_refuses_requests_without_its_keys(stack: RunningStack, credentials: dict) -> None:
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


def test_only_the_owner_can_read_the_secrets(stack: RunningStack) -> None:
    state = stack.settings.state
    assert state.stat().st_mode & 0o077 == 0
    for file in ("env", "credentials.json", "s3-identities.json"):
        assert (state / file).stat().st_mode & 0o777 == 0o600


def test_starting_a_running_stack_changes_nothing(stack: RunningStack) -> None:
    before = pids_of_services(stack)
    begin = time.monotonic()
    again = stack.local("up")
    assert again.returncode == 0, again.stderr
    assert pids_of_services(stack) == before
    assert time.monotonic() - begin < 10


def test_a_full_disk_is_reported(stack: RunningStack) -> None:
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
