"""The project in containers, started as by `astro dev start` and inspected through Docker."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from local.pipeline.airflow_api import AirflowApi
from local.stack.settings import REPOSITORY

# The commands that start and remove the project; another one can take the place of the Astro CLI.
START = shlex.split(os.environ.get("ASTRO_START", "astro dev start --no-browser --no-proxy --wait 5m"))
REMOVE = shlex.split(os.environ.get("ASTRO_REMOVE", "astro dev kill"))
AIRFLOW_URL = os.environ.get("ASTRO_AIRFLOW_URL", "http://localhost:8080")
PROJECT_LABEL = "com.docker.compose.project"
OF_THIS_FOLDER = f"label={PROJECT_LABEL}.working_dir={REPOSITORY}"


def run(*command: str, **options: Any) -> str:
    """Run a command in the project's folder and return its output; fail with its output."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Project:
    """The running project: `name` is its name in compose, `rest` is its Airflow."""

    name: str
    rest: AirflowApi

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what `docker inspect` prints about each container, by the name of the service."""
        ids = run("docker", "ps", "--all", "--quiet", "--filter", f"label={PROJECT_LABEL}={self.name}")
        found = json.loads(run("docker", "inspect", *ids.split()))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}

    def port(self, service: str, port: int) -> int:
        """Return the port of this machine at which a service's port is published."""
        (published,) = self.containers()[service]["NetworkSettings"]["Ports"][f"{port}/tcp"]
        return int(published["HostPort"])

    def inside(self, service: str, *command: str) -> str:
        """Run a command in the container of a service and return its output."""
        return run("docker", "exec", self.containers()[service]["Id"], *command)

    def log(self, service: str) -> str:
        """Return everything that the container of a service has printed."""
        command = ["docker", "logs", self.containers()[service]["Id"]]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    def python(self, source: str, *arguments: str) -> Any:
        """Run Python code where Airflow's tasks run, and return the JSON that it prints."""
        printed = self.inside("scheduler", "python", "-c", source, *arguments)
        return json.loads(printed.splitlines()[-1])

    def kubectl(self, *arguments: str) -> Any:
        """Return objects of the project's Kubernetes."""
        config = "--kubeconfig=/kubeconfig/config"
        return json.loads(self.inside("k3s", "kubectl", config, *arguments, "--output", "json"))

    def leftovers(self) -> list[str]:
        """Return the ids of the project's containers, volumes and networks."""
        own = f"label={PROJECT_LABEL}={self.name}"
        kinds = (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
        return [line for kind in kinds for line in run("docker", *kind, "--quiet", "--filter", own).split()]


def start() -> None:
    """Start everything of the project that is not running."""
    run(*START, timeout=900)


def remove() -> None:
    """Stop the project and remove all its data."""
    run(*REMOVE, timeout=300)


@contextmanager
def running_project() -> Iterator[Project]:
    """Start the project; at the end, remove it and all its data."""
    try:
        start()
        name = run(
            "docker", "ps", "--filter", OF_THIS_FOLDER, "--format", f'{{{{.Label "{PROJECT_LABEL}"}}}}'
        )
        rest = AirflowApi(AIRFLOW_URL)
        token = requests.get(f"{AIRFLOW_URL}/auth/token", timeout=30).json()["access_token"]
        rest.client.configuration.access_token = token
        yield Project(name.split()[0], rest)
    finally:
        remove()
