"""Deletes the pods that no task is waiting for: run in Airflow's triggerer, which can use the database.

Airflow notifies nobody when a deferred task is marked or cleared while no triggerer runs its trigger.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

log = logging.getLogger(__name__)
# In these states a task has a pod, or will look for the one that it had before its worker was lost.
WITH_POD = ("deferred", "running", "restarting", "queued", "scheduled", "up_for_retry", "up_for_reschedule")


def sweep() -> int:
    """Delete the pods of tasks that have finished, and return their number."""
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
    from airflow.utils.session import create_session
    from metaflow.metaflow_config import AIRFLOW_KUBERNETES_CONN_ID

    from metaflow_airflow.runners.kubernetes.pod_launch import TRY_LABEL
    from metaflow_airflow.runners.kubernetes.pod_settings import DEFAULT_CONNECTION

    hook = KubernetesHook(conn_id=AIRFLOW_KUBERNETES_CONN_ID or DEFAULT_CONNECTION)
    tries = [(pod, _try_of(pod, TRY_LABEL)) for pod in _pods(hook, TRY_LABEL)]
    ours = [(pod, each) for pod, each in tries if each is not None]
    if not ours:
        return 0
    with create_session() as session:
        finished = finished_tries({each for _, each in ours}, session)
    orphans = [pod for pod, each in ours if each in finished]
    return sum(_delete(hook.core_v1_client, pod) for pod in orphans)


def finished_tries(tries: Iterable[UUID], session: Any) -> set[UUID]:
    """Return those of the tries whose pods no task is waiting for.

    A try that this Airflow does not know belongs to another one, so its pod is left alone.

    Args:
        tries: Airflow's unique ids of the tries.
        session: A SQLAlchemy session of Airflow's database.
    """
    from airflow.models.taskinstance import TaskInstance as Now
    from airflow.models.taskinstancehistory import TaskInstanceHistory as Past
    from sqlalchemy import and_, select

    ids = list(tries)
    same_task = and_(*(getattr(Now, name) == getattr(Past, name) for name in _TASK))
    states: dict[UUID, str | None] = {}
    for query in (
        select(Past.task_instance_id, Now.state).join(Now, same_task).where(Past.task_instance_id.in_(ids)),
        select(Now.id, Now.state).where(Now.id.in_(ids)),
    ):
        states.update((row[0], row[1]) for row in session.execute(query))
    return {each for each, state in states.items() if state not in WITH_POD}


_TASK = ("dag_id", "run_id", "task_id", "map_index")


def _try_of(pod: Any, label: str) -> UUID | None:
    """Return the try that a pod is for; None if the engine did not write the label, as on a pod of others."""
    text = pod.metadata.labels[label]
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def _delete(client: Any, pod: Any) -> bool:
    """Delete a pod and return whether it was deleted: one that cannot be must not keep the others."""
    from kubernetes.client.exceptions import ApiException

    name, namespace = pod.metadata.name, pod.metadata.namespace
    log.warning("Deleting pod %s in namespace %s: its task has finished.", name, namespace)
    try:
        client.delete_namespaced_pod(name, namespace)
    except ApiException as error:
        if error.status != HTTPStatus.NOT_FOUND:  # otherwise somebody else has just deleted it
            log.warning("Pod %s in namespace %s cannot be deleted: %s", name, namespace, error.reason)
        return False
    return True


def _pods(hook: Any, label: str) -> list[Any]:
    """Return the pods of all steps; if Airflow may not list all namespaces, those in its own namespace."""
    from kubernetes.client.exceptions import ApiException
    from metaflow.metaflow_config_funcs import from_conf

    try:
        found = hook.core_v1_client.list_pod_for_all_namespaces(label_selector=label).items
    except ApiException as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        namespace = from_conf("KUBERNETES_NAMESPACE") or hook.get_namespace() or "default"
        found = hook.core_v1_client.list_namespaced_pod(namespace, label_selector=label).items
    return [pod for pod in found if not pod.metadata.deletion_timestamp]
