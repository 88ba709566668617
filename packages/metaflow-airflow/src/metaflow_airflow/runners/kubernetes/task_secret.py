"""The Kubernetes secret that tells a pod its task: it contains the run's parameters and token."""

from airflow.providers.common.compat.sdk import AirflowFailException
from kubernetes.client import models as k8s
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

VOLUME = "metaflow-task"
DIRECTORY = "/etc/metaflow-task"
FILE = "task.json"
MOST_BYTES = 1024 * 1024 - 1024  # Kubernetes' limit for the content of a secret, less the names


def task_text(task: StepTask) -> str:
    """Return the task's description for its pod.

    Raises:
        AirflowFailException: If the description does not fit into a secret.
    """
    text = task.to_json()
    if (size := len(text.encode())) > MOST_BYTES:
        raise AirflowFailException(
            f"The parameters and inputs of step {task.step!r} take {size // 1024} KiB, but at most "
            f"{MOST_BYTES // 1024} KiB can be passed to a pod: store large values as files in the datastore."
        )
    return text


def task_volume() -> k8s.V1Volume:
    """Return the volume of the secret; `name_secret` completes it."""
    return k8s.V1Volume(name=VOLUME, secret=k8s.V1SecretVolumeSource())


def name_secret(pod: k8s.V1Pod) -> None:
    """Make the pod wait for the secret that has its own name."""
    for volume in pod.spec.volumes:
        if volume.name == VOLUME:
            volume.secret.secret_name = pod.metadata.name


def task_secret(pod: k8s.V1Pod, text: str) -> k8s.V1Secret:
    """Return the secret of a pod that exists."""
    owner = k8s.V1OwnerReference(api_version="v1", kind="Pod", name=pod.metadata.name, uid=pod.metadata.uid)
    return k8s.V1Secret(
        metadata=k8s.V1ObjectMeta(
            name=pod.metadata.name, labels=pod.metadata.labels, owner_references=[owner]
        ),
        immutable=True,
        string_data={FILE: text},
    )
