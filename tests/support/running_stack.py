"""The fixture `stack`: a stack with its own state directory and ports, besides the developer's."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.pipeline.airflow_api import AirflowApi
from local.stack.environment import process_environment
from local.stack.free_ports import free_ports
from local.stack.health import s3_client
from local.stack.settings import REPOSITORY, Settings, load_settings

SECONDS_TO_IMPORT = 60
SETTINGS_OF_TESTS = {
    # Changed files are read at once anyway; reading the others every 30 s would use much of a processor.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
}


@dataclass(frozen=True)
class RunningStack:
    """A running stack: `env` for subprocesses, `rest` for Airflow, `s3` (boto3) for its storage.

    `dags_folder` starts empty; DAG files in it are served in addition to those of the repository's `dags/`.
    `programs` starts empty, too; it is on the PATH of `env` and of the services.
    """

    settings: Settings
    env: dict[str, str]
    rest: AirflowApi
    s3: Any
    dags_folder: Path
    programs: Path

    def local(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m local …` on this stack, with additional environment variables."""
        return run_local(self.env | variables, *arguments)

    def wait_for_dag(self, dag_id: str, timeout: float = SECONDS_TO_IMPORT) -> None:
        """Return once Airflow serves this DAG. Raises AssertionError, with all import errors, otherwise."""
        deadline = time.monotonic() + timeout
        while not self.rest.is_served(dag_id):
            if time.monotonic() > deadline:
                errors = [error.stack_trace for error in self.rest.import_errors()]
                raise AssertionError("\n".join([f"no DAG {dag_id}; import errors:", *map(str, errors)]))
            time.sleep(0.6)


def stack_environment(state: Path, dags_folder: Path) -> dict[str, str]:
    """Return the environment of another stack: a state directory, free ports, another DAGs folder."""
    s3_port, airflow_port = free_ports(2)
    return {
        **os.environ,
        "STACK_DIR": str(state),
        "S3_PORT": str(s3_port),
        "AIRFLOW_PORT": str(airflow_port),
        "DAGS_FOLDER": os.pathsep.join([str(REPOSITORY / "dags"), str(dags_folder)]),
        "TAXI_DATA_ROOTS": "",  # other tests of this process may have set it
        **SETTINGS_OF_TESTS,
    }


def run_local(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m local …` and return the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """One stack for all tests of a session."""
    with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@contextlib.contextmanager
def running_stack(folder: Path) -> Iterator[RunningStack]:
    """Start a stack with its state below `folder`, in a path that needs quoting; stop it at the end."""
    dags_folder, programs = folder / "dags", folder / "programs"
    for each in (dags_folder, programs):
        each.mkdir(parents=True)
    environment = stack_environment(folder / "a stack's state", dags_folder)
    environment["PATH"] = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    try:
        started = run_local(environment, "up")
        if started.returncode:
            raise AssertionError(started.stdout + started.stderr)
        yield connect(environment, dags_folder, programs)
    finally:
        run_local(environment, "down")


def connect(environment: dict[str, str], dags_folder: Path, programs: Path) -> RunningStack:
    """Return a stack that is already running."""
    settings = load_settings(environment)
    variables = process_environment(settings) | SETTINGS_OF_TESTS  # for a service that is started again
    variables["PATH"] = os.pathsep.join([str(programs), variables["PATH"]])
    return RunningStack(
        settings, variables, AirflowApi(settings.airflow_url), s3_client(settings), dags_folder, programs
    )
