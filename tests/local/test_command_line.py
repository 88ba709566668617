"""A mistake of the user is reported in one line, and nothing is started."""

import os
import re
import socket
from pathlib import Path

import pytest

from local.stack.processes import stack_processes
from tests.support.running_stack import run_local, stack_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return stack_environment(tmp_path / "state", tmp_path / "dags")


def refusal(environment: dict[str, str], command: str) -> str:
    """Return the error message of a command, which must be one line, and leave no process."""
    refused = run_local(environment, command)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert stack_processes(Path(environment["STACK_DIR"])) == []
    (message,) = refused.stderr.splitlines()
    return message


@pytest.mark.parametrize("variable", ["S3_PORT", "AIRFLOW_PORT"])
def test_a_taken_port(environment: dict[str, str], variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refusal(environment | {variable: str(port)}, "up")
    assert re.match(
        rf"Port {port} is taken by .+ \(pid {os.getpid()}\): stop that program, or choose", message
    )
    assert f"{variable}={port + 1} make run" in message


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none(environment: dict[str, str], port: str) -> None:
    assert refusal(environment | {"S3_PORT": port}, "up").startswith(
        f"S3_PORT is '{port}', which is not a port: "
    )


def test_a_state_directory_that_is_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refusal(environment | {"STACK_DIR": str(tmp_path / "file")}, "up")
    assert message.startswith(f"Cannot write to {tmp_path / 'file'}: ")


@pytest.mark.parametrize("raw_data", ["missing.csv", "missing/*.parquet", "ftp://host/trips.csv"])
def test_raw_data_that_is_not_there(environment: dict[str, str], raw_data: str) -> None:
    message = refusal(environment | {"RAW_DATA": raw_data}, "run")
    assert message.startswith(f"RAW_DATA names {raw_data}")


def test_stopping_and_asking_what_was_never_started(environment: dict[str, str]) -> None:
    assert run_local(environment, "down").returncode == 0
    assert "is down: `make run` starts it" in run_local(environment, "status").stdout
