"""Airflow as `airflow standalone` starts it, from an environment of its own: SQLite and the LocalExecutor."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

USER, PASSWORD = "admin", "compat"  # of an Airflow that listens on the loopback interface only
SECONDS_TO_START = 300
SECONDS_TO_STOP = 20


@dataclass(frozen=True)
class StandaloneAirflow:
    """A running Airflow: its environment's programs and variables, its address, its home and its log."""

    programs: Path
    env: dict[str, str]
    url: str
    home: Path
    log: Path

    def python(self, *arguments: str | Path) -> str:
        """Run the environment's Python and return what it printed; raise AssertionError if it fails."""
        command = [str(self.programs / "python"), *map(str, arguments)]
        done = subprocess.run(
            command, env=self.env, cwd=self.home, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Ask the REST API and return its answer."""
        login = {"username": USER, "password": PASSWORD}
        token = requests.post(f"{self.url}/auth/token", json=login, timeout=30).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/api/v2/{path}"
        answer = requests.request(method, url, json=body or None, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def task_logs(self, dag_id: str, dag_run_id: str) -> dict[str, str]:
        """Return the end of each task's log of a DAG run, by file."""
        folder = self.home / "logs" / f"dag_id={dag_id}" / f"run_id={dag_run_id}"
        return {str(file.relative_to(folder)): file.read_text()[-3000:] for file in folder.rglob("*.log")}

    def wait(self, condition: Callable[[], Any], seconds: float) -> Any:
        """Return a condition's first true value; raise AssertionError with the log's end after that time."""
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, self.log.read_text()[-5000:]
            time.sleep(1)
        return found

    def is_healthy(self) -> bool:
        """Return whether all of Airflow's components say that they work."""
        try:
            health = requests.get(f"{self.url}/api/v2/monitor/health", timeout=10).json()
        except requests.RequestException:
            return False
        return all(component["status"] == "healthy" for component in health.values())


@contextlib.contextmanager
def standalone_airflow(
    programs: Path, home: Path, port: int, variables: dict[str, str]
) -> Iterator[StandaloneAirflow]:
    """Start Airflow with its state in `home`, whose folder `dags` holds the DAG files; stop it at the end."""
    url = f"http://127.0.0.1:{port}"
    env = os.environ | variables | _settings(programs, home, url, port)
    (home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
    airflow = StandaloneAirflow(programs, env, url, home, home / "standalone.log")
    with airflow.log.open("w") as log:
        process = subprocess.Popen(
            [str(programs / "airflow"), "standalone"],
            env=env,
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        airflow.wait(lambda: process.poll() is not None or airflow.is_healthy(), SECONDS_TO_START)
        assert process.poll() is None, airflow.log.read_text()[-5000:]
        yield airflow
    finally:
        _stop(process)


def _settings(programs: Path, home: Path, url: str, port: int) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",  # the golden DAGs are only parsed
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "3",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",  # each file is read once
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__METAFLOW__CODE_CACHE": str(home / "code"),
        "METAFLOW_AIRFLOW_API_URL": url,
        "METAFLOW_AIRFLOW_DAGS_FOLDER": str(home / "dags"),
        "METAFLOW_AIRFLOW_USERNAME": USER,
        "METAFLOW_AIRFLOW_PASSWORD": PASSWORD,
    }


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop Airflow's processes, which are a group: first politely, then whatever is left of it."""
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(SECONDS_TO_STOP)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
