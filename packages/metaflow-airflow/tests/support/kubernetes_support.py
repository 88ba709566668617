"""A stack like that of `local`, but pods can reach its S3, and its Airflow runs steps in pods."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from engine_support import wait_until

from local.pipeline.airflow_api import AirflowApi
from local.stack.airflow_database import migrate
from local.stack.environment import process_environment
from local.stack.free_ports import HOST
from local.stack.health import is_ready
from local.stack.s3_security import write_s3_secrets
from local.stack.services import AIRFLOW_SERVICES, S3, command
from local.stack.settings import Settings, load_settings, with_internal_ports
from tests.support.running_stack import SETTINGS_OF_TESTS, stack_environment

PYTHON_IMAGE = "python:{}.{}".format(*sys.version_info)
SECONDS_TO_START = 120
WORKERS = 4  # how many tasks Airflow runs at once
SECONDS_FOR_A_POD = 240  # on a busy machine


@dataclass(frozen=True)
class KubernetesStack:
    """The running stack: `env` for Metaflow's commands, `rest` for Airflow, `s3` (boto3) for its storage."""

    env: dict[str, str]
    rest: AirflowApi
    s3: Any
    dags_folder: Path
    namespace: str
    services: "dict[str, Service]"

    def wait_for_dag(self, dag_id: str) -> None:
        wait_until(lambda: self.rest.is_served(dag_id), SECONDS_TO_START)


def kubeconfig(server: str) -> dict[str, Any]:
    """Return a kubeconfig for an API server that requires no login."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": {"server": server}}],
        "contexts": [{"name": "context", "context": {"cluster": "cluster", "user": "nobody"}}],
        "users": [{"name": "nobody", "user": {}}],
        "current-context": "context",
    }


@contextlib.contextmanager
def running_stack(folder: Path, host: str, namespace: str, secret: str) -> Iterator[KubernetesStack]:
    """Start S3 on the address `host`, and Airflow on the loopback address; stop both at the end."""
    dags = folder / "dags"
    dags.mkdir()
    settings = _settings(folder / "state", dags)
    variables = SETTINGS_OF_TESTS | _pod_variables(host, settings, namespace, secret)
    env = process_environment(settings) | variables
    aws = env["AIRFLOW_CONN_AWS_DEFAULT"].replace(settings.s3_url, env["METAFLOW_S3_ENDPOINT_URL"])
    env["AIRFLOW_CONN_AWS_DEFAULT"] = aws
    with contextlib.ExitStack() as services:
        on_host = [word.replace(f"={HOST}", f"={host}") for word in command(S3, settings)]
        services.enter_context(Service(S3, on_host, env, settings))
        s3 = _storage(env)
        migrate(settings)
        airflow = {
            name: services.enter_context(Service(name, command(name, settings), env, settings))
            for name in AIRFLOW_SERVICES
        }
        for service in airflow.values():
            service.wait_until_ready()
        yield KubernetesStack(env, AirflowApi(settings.airflow_url), s3, dags, namespace, airflow)


def _settings(state: Path, dags: Path) -> Settings:
    environment = stack_environment(state, dags) | {"DAGS_FOLDER": str(dags)}
    settings = load_settings(environment)
    for directory in (state, settings.logs, state / "s3", state / "airflow"):
        directory.mkdir(parents=True)
    settings = with_internal_ports(settings)
    write_s3_secrets(settings)
    return settings


def _pod_variables(host: str, settings: Settings, namespace: str, secret: str) -> dict[str, str]:
    endpoint = f"http://{host}:{settings.ports.s3}"
    image = os.environ.get("METAFLOW_KUBERNETES_CONTAINER_IMAGE") or PYTHON_IMAGE
    return {
        "AIRFLOW__METAFLOW__RUNNER": "kubernetes",
        "AIRFLOW__CORE__PARALLELISM": str(WORKERS),
        "AWS_ENDPOINT_URL_S3": endpoint,
        "METAFLOW_S3_ENDPOINT_URL": endpoint,
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": os.environ["METAFLOW_SERVICE_URL"],
        "METAFLOW_KUBERNETES_NAMESPACE": namespace,
        "METAFLOW_KUBERNETES_SECRETS": secret,
        "METAFLOW_KUBERNETES_CONTAINER_IMAGE": image,
        # So that the pods of all flows fit on a small node at once.
        "METAFLOW_KUBERNETES_CPU": "0.01",
        "METAFLOW_AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS": str(SECONDS_FOR_A_POD),
        "METAFLOW_KUBERNETES_MEMORY": "128",
        "METAFLOW_KUBERNETES_DISK": "100",
        "METAFLOW_KUBERNETES_LABELS": "team=ml",
    }


class Service:
    """A service in a process group of its own; it runs within the context, unless it is killed."""

    def __init__(self, name: str, arguments: list[str], env: dict[str, str], settings: Settings) -> None:
        self.name = name
        self._arguments, self._env, self._settings = arguments, env, settings

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def start(self, **variables: str) -> None:
        """Start the service, optionally with additional environment variables."""
        self._started_at = time.time()
        with (self._settings.logs / f"{self.name}.log").open("a") as log:
            self._process = subprocess.Popen(
                self._arguments,
                env=self._env | variables,
                cwd=self._settings.state,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the service and all its child processes at once, as the crash of a machine would."""
        self._end(signal.SIGKILL)
        self._process.wait()

    def wait_until_ready(self) -> None:
        wait_until(lambda: is_ready(self.name, self._settings, self._started_at), SECONDS_TO_START)

    def _end(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _storage(env: dict[str, str]) -> Any:
    """Return a client of the S3 server once it responds, with Metaflow's bucket created."""
    client = boto3.client(
        "s3",
        endpoint_url=env["METAFLOW_S3_ENDPOINT_URL"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        region_name=env["AWS_DEFAULT_REGION"],
    )

    def created() -> bool:
        try:
            client.create_bucket(Bucket="metaflow")
        except (BotoCoreError, ClientError):
            return False
        return True

    wait_until(created)
    return client
