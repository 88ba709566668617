"""An Airflow other than the stack's: the services of an environment, with SQLite and the LocalExecutor."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from local.bootstrap import REPOSITORY

HOST = "127.0.0.1"
USER, PASSWORD = "admin", "compat"  # of an Airflow that listens on the loopback interface only
SECONDS_TO_START = 300
SECONDS_TO_STOP = 20


@dataclass(frozen=True)
class OtherAirflow:
    """A running Airflow: its environment's programs, its variables, its address and its home, with logs."""

    programs: Path
    env: dict[str, str]
    url: str
    home: Path

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run one of the programs and return what it printed; raise AssertionError if it fails."""
        command = [str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(
            command, env=self.env, cwd=self.home, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def token(self) -> str:
        """Return a token of the user."""
        login = {"username": USER, "password": PASSWORD}
        answer = requests.post(f"{self.url}/auth/token", json=login, timeout=60)
        return str(answer.json()["access_token"])

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Ask the REST API and return its answer."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = requests.request(
            method, f"{self.url}/api/v2/{path}", json=body or None, headers=headers, timeout=60
        )
        assert answer.ok, answer.text
        return answer.json()

    def wait(self, condition: Callable[[], Any], seconds: float) -> Any:
        """Return a condition's first true value; raise AssertionError with the logs' ends after that time."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, self.logs()
            time.sleep(2)
        return found

    def logs(self) -> dict[str, str]:
        """Return the ends of the logs of the services and the tasks."""
        files = [*self.home.glob("*.log"), *self.home.glob("logs/dag_id=*/**/*.log")]
        return {str(file.relative_to(self.home)): file.read_text()[-3000:] for file in files}

    def is_healthy(self) -> bool:
        """Return whether the API answers that the scheduler and the DAG processor work."""
        try:
            health = requests.get(f"{self.url}/api/v2/monitor/health", timeout=60).json()
        except requests.RequestException:
            return False
        return all(health[name]["status"] == "healthy" for name in ("scheduler", "dag_processor"))


@contextlib.contextmanager
def other_airflow(
    programs: Path, home: Path, ports: Sequence[int], variables: dict[str, str]
) -> Iterator[OtherAirflow]:
    """Start Airflow with its state in `home`, whose folder `dags` holds the DAG files; stop it at the end."""
    port, execution_port = ports
    env = os.environ | variables | _settings(programs, home, port, execution_port)
    (home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
    airflow = OtherAirflow(programs, env, f"http://{HOST}:{port}", home)
    airflow.run("airflow", "db", "migrate")
    with sqlite3.connect(home / "airflow.db") as database:
        database.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not block each other
    services = {
        # As in the stack: with SQLite, requests of users and of tasks would block each other in one process.
        "api-server": ["api-server", "--apps", "core"],
        "execution-api": ["api-server", "--apps", "execution", "--port", str(execution_port)],
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
    }
    with contextlib.ExitStack() as running:
        processes = [
            running.enter_context(_service(airflow, name, arguments)) for name, arguments in services.items()
        ]

        def is_healthy() -> bool:
            assert all(process.poll() is None for process in processes), airflow.logs()
            return airflow.is_healthy()

        airflow.wait(is_healthy, SECONDS_TO_START)
        yield airflow
        for process in processes:  # all at once; below, each is waited for in turn
            process.terminate()


@contextlib.contextmanager
def _service(airflow: OtherAirflow, name: str, arguments: list[str]) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a service of Airflow in a process group of its own; stop it, and what is left of the group."""
    with (airflow.home / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [str(airflow.programs / "airflow"), *arguments],
            env=airflow.env,
            cwd=airflow.home,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _settings(programs: Path, home: Path, port: int, execution_port: int) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "PYTHONPATH": str(REPOSITORY),  # for the connection's arguments below; the engine is not found there
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": f"http://{HOST}:{port}",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API_AUTH__JWT_SECRET": "shared by the two API servers, and as long as it must be " * 2,
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",  # the golden DAGs are only parsed
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{execution_port}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "3",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS": "local.stack.airflow_connection.CONNECT_ARGS",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS_ASYNC": "local.stack.airflow_connection.CONNECT_ARGS",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",  # each file is read once
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__METAFLOW__CODE_CACHE": str(home / "code"),
        "METAFLOW_AIRFLOW_API_URL": f"http://{HOST}:{port}",
        "METAFLOW_AIRFLOW_DAGS_FOLDER": str(home / "dags"),
        "METAFLOW_AIRFLOW_USERNAME": USER,
        "METAFLOW_AIRFLOW_PASSWORD": PASSWORD,
    }
