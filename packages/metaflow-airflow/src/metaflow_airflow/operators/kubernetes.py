"""Runs a step in a pod of its own."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import generic_api_retry
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodPhase
from airflow.sdk.exceptions import AirflowException
from kubernetes.client import models as k8s

from metaflow_airflow.operators.bootstrap import pod_command
from metaflow_airflow.operators.pod import CONTAINER, describe_pod, task_labels
from metaflow_airflow.operators.pod_settings import read_settings
from metaflow_airflow.operators.results import step_failed

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context

    from metaflow_airflow.operators.runner import StepRequest

POLL_SECONDS = 2  # for the API server's sake no more often: every waiting step asks
LOG_SECONDS = 10  # how old a line may be before Airflow shows it


class KubernetesRunner:
    """Runs each step in a pod; while the pod works, the step waits in Airflow's triggerer."""

    def __init__(self) -> None:
        self._pod: StepPod | None = None

    def run(self, request: "StepRequest", operator: "BaseOperator", context: "Context") -> dict[str, Any]:
        """Start the task's pod, or find it again, and defer; return what it left if it has ended already."""
        return self._follow(request, operator, lambda pod: pod.execute_async(context))

    def resume(
        self, request: "StepRequest", operator: "BaseOperator", context: "Context", event: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what the pod left for Airflow, and remove it; raise the failure of one that failed."""
        return self._follow(request, operator, lambda pod: pod.trigger_reentry(context, event))

    def stop(self) -> None:
        """Delete the pod."""
        if self._pod is not None:
            self._pod.on_kill()

    def _follow(
        self, request: "StepRequest", operator: "BaseOperator", work: "Callable[[StepPod], None]"
    ) -> dict[str, Any]:
        pod = self._pod = step_pod(request, operator)
        failure = ""
        try:
            work(pod)
        except AirflowException as error:
            failure = str(error) or type(error).__name__
        if failure:
            end = pod.end()
            how = f"exit code {end.exit_code}, {end.reason}" if end else failure
            step_failed(request.task, how, end.exit_code if end else None)
        return pod.result()


class StepPod(KubernetesPodOperator):
    """Airflow's own operator for pods, at work inside a step's operator."""

    ended: k8s.V1Pod | None = None  # as it was last seen, before it was removed

    def get_or_create_pod(self, pod_request_obj: k8s.V1Pod, context: "Context") -> k8s.V1Pod:
        """Return this task's pod from before this Airflow worker, or start one.

        A pod that has succeeded is taken as well: its worker was lost before it could tell Airflow.
        """
        namespace = pod_request_obj.metadata.namespace
        for pod in self._earlier_pods(namespace, context):
            if pod.metadata.deletion_timestamp:
                continue
            if pod.status.phase == PodPhase.FAILED:
                self.pod_manager.delete_pod(pod)
                continue
            self.log.info("Going on with pod %s, which this task has already started.", pod.metadata.name)
            return pod
        return self.pod_manager.create_pod(pod_request_obj)

    @generic_api_retry
    def _earlier_pods(self, namespace: str, context: "Context") -> list[k8s.V1Pod]:
        selector = self._build_find_pod_label_selector(context)
        return self.client.list_namespaced_pod(namespace, label_selector=selector).items

    def invoke_defer_method(self, *args: Any, **kwargs: Any) -> None:
        """Defer; tell the triggerer when this is the cluster's inside, which it does not find out itself."""
        self.in_cluster = self.hook.is_in_cluster or None
        super().invoke_defer_method(*args, **kwargs)

    def defer(self, *, trigger: Any, method_name: str, **kwargs: Any) -> NoReturn:
        """Defer the step's operator, and without the cluster's credentials: the triggerer has them itself."""
        trigger.config_dict = trigger.connection_extras = None
        super().defer(trigger=trigger, method_name="execute_complete", **kwargs)

    def cleanup(self, pod: k8s.V1Pod, remote_pod: k8s.V1Pod, *args: Any, **kwargs: Any) -> None:
        """Keep the pod's last state and remove the pod."""
        self.ended = remote_pod
        super().cleanup(pod, remote_pod, *args, **kwargs)

    def end(self) -> k8s.V1ContainerStateTerminated | None:
        """Return how the step's container ended, None if it did not."""
        statuses = (self.ended and self.ended.status.container_statuses) or []
        return next((status.state.terminated for status in statuses if status.name == CONTAINER), None)

    def result(self) -> dict[str, Any]:
        """Return what the task left for Airflow; empty when it left nothing.

        Raises AirflowException when the pod went away before it could be asked.
        """
        end = self.end()
        if end is None:
            raise AirflowException("The step's pod was removed before Airflow could read its result.")
        return json.loads(end.message) if end.message else {}


def step_pod(request: "StepRequest", operator: "BaseOperator") -> StepPod:
    """Return the operator of the pod that runs a task."""
    settings = read_settings()
    datastore, url = _package_url(request.package)
    return StepPod(
        task_id=operator.task_id,
        kubernetes_conn_id=settings.connection,
        namespace=request.pod.get("namespace", settings.namespace),
        # The whole pod in one piece, because Airflow would take its parts for templates.
        full_pod_spec=describe_pod(request, pod_command(url, datastore), settings),
        labels=task_labels(request.task),
        execution_timeout=operator.execution_timeout,
        startup_timeout_seconds=settings.startup_seconds,
        startup_check_interval_seconds=POLL_SECONDS,
        poll_interval=POLL_SECONDS,
        logging_interval=LOG_SECONDS,
        log_pod_spec_on_failure=False,
        deferrable=True,
    )


def _package_url(package: str) -> tuple[str, str]:
    """Return the datastore's type and the full address of a code package in it."""
    from metaflow.metaflow_config import DEFAULT_DATASTORE
    from metaflow.plugins import DATASTORES

    storage = next(candidate for candidate in DATASTORES if candidate.TYPE == DEFAULT_DATASTORE)
    return DEFAULT_DATASTORE, f"{storage.get_datastore_root_from_config(lambda *_, **__: None)}/{package}"
