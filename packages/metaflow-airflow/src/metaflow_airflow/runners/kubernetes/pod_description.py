"""Describes the pod of a step: a pure function of the step and the settings."""

import re
from typing import Any

from airflow.providers.cncf.kubernetes.pod_generator import make_safe_label_value
from kubernetes.client import models as k8s
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    RESULT_VARIABLE,
    TASK_VARIABLE,
    StepTask,
)

from metaflow_airflow.runners.kubernetes.pod_security import security_of_container, security_of_pod
from metaflow_airflow.runners.kubernetes.pod_settings import PodSettings, settings_of_step
from metaflow_airflow.runners.kubernetes.task_secret import DIRECTORY, FILE, VOLUME, task_volume
from metaflow_airflow.runners.request import StepRequest

CONTAINER = "base"  # Airflow's name, which cluster policies (pod_mutation_hook) rely on
SHARED_MEMORY = "/dev/shm"  # noqa: S108  (POSIX's place for it, in the pod)
TEMPORARY_VOLUME = "tmpfs-ephemeral-volume"  # Metaflow's name
# Kubernetes copies this file's text into the pod's status, so no sidecar is needed to return a result.
RESULT_FILE = "/dev/termination-log"


def describe_pod(request: StepRequest, command: list[str], settings: PodSettings) -> k8s.V1Pod:
    """Return the pod that runs a step with `command`, as Metaflow's own `@kubernetes` would describe it.

    Unlike Metaflow's, it is limited to what the step needs, and the task itself is in a secret.

    Raises:
        AirflowFailException: If the step's security context is invalid.
    """
    settings = settings_of_step(request.pod, settings)
    volumes, mounts = _volumes(request.compute, settings)
    container = k8s.V1Container(
        name=CONTAINER,
        image=settings.image,
        image_pull_policy=settings.image_pull_policy,
        command=command,
        env=[
            k8s.V1EnvVar(name=name, value=_literal(value))
            for name, value in _environment(request, settings).items()
        ],
        env_from=[
            k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name=name)) for name in settings.secrets
        ],
        ports=[k8s.V1ContainerPort(container_port=int(settings.port))] if settings.port else None,
        resources=resources(request.compute, settings),
        security_context=security_of_container(settings.security_context, request.task.step),
        volume_mounts=mounts,
        termination_message_path=RESULT_FILE,
    )
    return k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(
            name=_pod_name(request.task),
            namespace=settings.namespace,
            labels={
                **settings.labels,
                "app.kubernetes.io/name": "metaflow-task",
                "app.kubernetes.io/part-of": "metaflow",
                "metaflow/attempt": str(request.task.attempt),
                **task_labels(request.task),
            },
            annotations={**settings.annotations, **_names(request.task)},
        ),
        spec=k8s.V1PodSpec(
            automount_service_account_token=settings.service_account is not None,
            containers=[container],
            image_pull_secrets=[
                k8s.V1LocalObjectReference(name=name) for name in settings.image_pull_secrets
            ],
            node_selector=settings.node_selector or None,
            restart_policy="Never",
            security_context=security_of_pod(),
            service_account_name=settings.service_account,
            tolerations=[k8s.V1Toleration(**toleration) for toleration in settings.tolerations],
            volumes=volumes,
        ),
    )


def _volumes(
    compute: dict[str, Any], settings: PodSettings
) -> tuple[list[k8s.V1Volume], list[k8s.V1VolumeMount]]:
    """Return a pod's volumes, and their mounts in its container."""
    paths: dict[str, str] = {}
    volumes = []
    if settings.tmpfs_size:
        paths[TEMPORARY_VOLUME] = settings.tmpfs_path
        volumes.append(_in_memory(TEMPORARY_VOLUME, f"{settings.tmpfs_size}Mi"))
    if shared_memory := compute.get("shared_memory", settings.shared_memory):
        paths["shm"] = SHARED_MEMORY
        volumes.append(_in_memory("shm", shared_memory))
    for claim, path in settings.persistent_volume_claims.items():
        paths[claim] = path
        source = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=claim)
        volumes.append(k8s.V1Volume(name=claim, persistent_volume_claim=source))
    paths[VOLUME] = DIRECTORY
    volumes.append(task_volume())
    return volumes, [k8s.V1VolumeMount(name=name, mount_path=path) for name, path in paths.items()]


def _in_memory(name: str, size: str) -> k8s.V1Volume:
    return k8s.V1Volume(name=name, empty_dir=k8s.V1EmptyDirVolumeSource(medium="Memory", size_limit=size))


def task_labels(task: StepTask) -> dict[str, str]:
    """Return the labels that identify a task: all its attempts have them, and no other task does."""
    return {name: make_safe_label_value(value) for name, value in _names(task).items()}


def resources(compute: dict[str, Any], settings: PodSettings) -> k8s.V1ResourceRequirements:
    """Return the step's resources as requests and limits, as Metaflow's own `@kubernetes` does."""
    requests = {
        "cpu": str(compute.get("cpu", settings.cpu)),
        "memory": compute.get("memory", settings.memory),
        "ephemeral-storage": compute.get("disk", settings.disk),
    }
    limits = dict(requests) if settings.qos.lower() == "guaranteed" else {}
    if compute.get("gpu") is not None:  # 0 counts as well: it keeps the step off the GPUs
        limits[f"{settings.gpu_vendor.lower()}.com/gpu"] = str(compute["gpu"])
    return k8s.V1ResourceRequirements(
        requests=requests | settings.extended_resources, limits=limits | settings.extended_resources
    )


def _pod_name(task: StepTask) -> str:
    """Return the prefix of the pod's name; Airflow appends a random suffix."""
    return re.sub(r"[^a-z0-9]+", "-", f"{task.flow}-{task.task_id}".lower()).strip("-")


def _names(task: StepTask) -> dict[str, str]:
    return {
        "metaflow/flow_name": task.flow,
        "metaflow/run_id": task.run_id,
        "metaflow/step_name": task.step,
        "metaflow/task_id": task.task_id,
    }


def _environment(request: StepRequest, settings: PodSettings) -> dict[str, str]:
    in_memory = settings.tmpfs_size and settings.tmpfs_tempdir
    return {
        **settings.environment,
        **({"METAFLOW_TEMPDIR": settings.tmpfs_path} if in_memory else {}),
        **request.env,
        "METAFLOW_RUNTIME_NAME": "airflow",
        "METAFLOW_USER": "airflow",
        "MFLOG_STDOUT": "/dev/null",  # Metaflow's commands that download the code write their log there
        "PYTHONUNBUFFERED": "1",
        TASK_VARIABLE: f"@{DIRECTORY}/{FILE}",
        RESULT_VARIABLE: RESULT_FILE,
    }


def _literal(value: str) -> str:
    """Return a value escaped for Kubernetes, which expands `$(NAME)` and replaces `$$` by `$`."""
    return value.replace("$", "$$")
