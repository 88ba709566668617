"""This project in containers, started as `astro dev start` does and looked at through Docker."""

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

# What starts and removes the project; on a machine without the Astro CLI, something that does the same.
START = shlex.split(os.environ.get("ASTRO_START", "astro dev start --no-browser --no-proxy --wait 5m"))
REMOVE = shlex.split(os.environ.get("ASTRO_REMOVE", "astro dev kill"))
AIRFLOW_URL = os.environ.get("ASTRO_AIRFLOW_URL", "http://localhost:8080")
PROJECT_LABEL = "com.docker.compose.project"
OF_THIS_FOLDER = f"label={PROJECT_LABEL}.working_dir={REPOSITORY}"


def run(*command: str, **options: Any) -> str:
    """Run a command in the project's folder and return what it printed; fail with its words."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Project:
    """The running project: `name` is compose's, `rest` is its Airflow."""

    name: str
    rest: AirflowApi

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what Docker knows of each container, by compose's name for the service."""
        ids = run("docker", "ps", "--all", "--quiet", "--filter", f"label={PROJECT_LABEL}={self.name}")
        found = json.loads(run("docker", "inspect", *ids.split()))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}

    def port(self, service: str, port: int) -> int:
        """Return on which port of this machine a service's port can be reached."""
        (published,) = self.containers()[service]["NetworkSettings"]["Ports"][f"{port}/tcp"]
        return int(published["HostPort"])

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a service's container and return what it printed."""
        return run("docker", "exec", self.containers()[service]["Id"], *command)

    def log(self, service: str) -> str:
        """Return all that a service's container has printed."""
        command = ["docker", "logs", self.containers()[service]["Id"]]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    def python(self, source: str, *arguments: str) -> Any:
        """Run Python source where Airflow's tasks run; return what it printed as JSON."""
        printed = self.inside("scheduler", "python", "-c", source, *arguments)
        return json.loads(printed.splitlines()[-1])

    def kubectl(self, *arguments: str) -> Any:
        """Ask the project's Kubernetes for objects."""
        config = "--kubeconfig=/kubeconfig/config"
        return json.loads(self.inside("k3s", "kubectl", config, *arguments, "--output", "json"))

    def leftovers(self) -> list[str]:
        """List the project's containers, volumes and networks."""
        own = f"label={PROJECT_LABEL}={self.name}"
        kinds = (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
        return [line for kind in kinds for line in run("docker", *kind, "--quiet", "--filter", own).split()]


def start() -> None:
    """Start the project, or what of it does not run."""
    run(*START, timeout=900)


def remove() -> None:
    """Stop the project and remove all that it has kept."""
    run(*REMOVE, timeout=300)


@contextmanager
def running_project() -> Iterator[Project]:
    """Start the project; remove it at the end with all that it has kept."""
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
