"""Launches a step's pod or finds the one it already has, hands it to the triggerer, and deletes it."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NoReturn

from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import generic_api_retry
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodPhase
from airflow.sdk import Context
from kubernetes.client import models as k8s
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from metaflow_airflow.runners.kubernetes.pod_end_messages import PodEnd, end_of, started
from metaflow_airflow.runners.kubernetes.pod_logs import lines_after, since_seconds
from metaflow_airflow.runners.kubernetes.pod_trigger import StepPodTrigger
from metaflow_airflow.runners.kubernetes.task_secret import name_secret, task_secret

TRY_LABEL = "metaflow-airflow/try"  # Airflow's unique id of the try that the pod is for
CLEARED_LABEL = "metaflow-airflow/cleared"  # how often the DAG run had been cleared


class StepPod(KubernetesPodOperator):
    """Airflow's own operator for pods, used inside a step's operator."""

    task_text = ""  # the description of the step's task
    end = PodEnd()  # how the pod ended, once it has

    def build_pod_request_obj(self, context: Context | None = None, **kwargs: Any) -> k8s.V1Pod:
        """Return the pod, labeled with the try of the task that it is for."""
        pod = super().build_pod_request_obj(context, **kwargs)
        pod.metadata.labels |= _try_labels(context)
        name_secret(pod)
        return pod

    def get_or_create_pod(self, pod_request_obj: k8s.V1Pod, context: Context) -> k8s.V1Pod:
        """Return the pod that this task already has, or create one.

        A pod that has succeeded is reused as well: its worker was lost before it could report the result. A
        pod from before the task was cleared is not reused but deleted.
        """
        labels = _try_labels(context)
        for pod in self._earlier_pods(pod_request_obj.metadata.namespace, context):
            if pod.metadata.deletion_timestamp:
                continue
            cleared = pod.metadata.labels.get(CLEARED_LABEL, labels[CLEARED_LABEL]) != labels[CLEARED_LABEL]
            if cleared or pod.status.phase == PodPhase.FAILED:
                self.log.info("Deleting pod %s, left over from an earlier try.", pod.metadata.name)
                self.pod_manager.delete_pod(pod)
                continue
            self.log.info("Continuing with pod %s, which this task has already started.", pod.metadata.name)
            return self._with_secret(self._take_over(pod, labels))
        return self._with_secret(self._create(pod_request_obj))

    def _with_secret(self, pod: k8s.V1Pod) -> k8s.V1Pod:
        """Create the secret that a new pod waits for; delete the pod if that is impossible.

        The pod comes first and owns the secret: whatever happens to this worker, no secret is left behind.
        """
        if pod.status.phase == PodPhase.PENDING:
            try:
                self._create_secret(pod)
            except BaseException:  # a timeout of the task, too: the pod would wait for its secret forever
                self.pod_manager.delete_pod(pod)
                raise
        return pod

    @generic_api_retry
    def _create_secret(self, pod: k8s.V1Pod) -> None:
        try:
            secret = task_secret(pod, self.task_text)
            self.client.create_namespaced_secret(pod.metadata.namespace, secret)
        except ApiException as error:
            if error.status != HTTPStatus.CONFLICT:  # the pod has it already
                raise

    @generic_api_retry
    def _earlier_pods(self, namespace: str, context: Context) -> list[k8s.V1Pod]:
        selector = self._build_find_pod_label_selector(context)
        return self.client.list_namespaced_pod(namespace, label_selector=selector).items

    @generic_api_retry
    def _take_over(self, pod: k8s.V1Pod, labels: dict[str, str]) -> k8s.V1Pod:
        body = {"metadata": {"labels": labels}}
        return self.client.patch_namespaced_pod(pod.metadata.name, pod.metadata.namespace, body)

    @generic_api_retry
    def _create(self, pod: k8s.V1Pod) -> k8s.V1Pod:
        # Not with the pod manager, which logs the whole pod and a traceback if it fails.
        return self.client.create_namespaced_pod(pod.metadata.namespace, pod)

    def invoke_defer_method(self, last_log_time: Any = None, context: Context | None = None) -> None:
        """Defer, and let the trigger know if Airflow runs inside the cluster, which it cannot find out."""
        self.in_cluster = self.hook.is_in_cluster or None
        super().invoke_defer_method(last_log_time, context)

    def defer(self, *, trigger: Any, method_name: str, **kwargs: Any) -> NoReturn:
        """Defer the step's operator, without the cluster's credentials: the triggerer has its own."""
        arguments = trigger.serialize()[1] | {"config_dict": None, "connection_extras": None}
        super().defer(trigger=StepPodTrigger(**arguments), method_name="execute_complete", **kwargs)

    def trigger_reentry(self, context: Context, event: dict[str, Any]) -> None:
        """Log the rest of the pod's output, delete the pod, and keep how it ended."""
        seen = PodEnd(**event.get("end", {}))  # empty if the pod had ended before it was handed over
        self.pod = self._read(event["name"], event["namespace"])
        if self.pod is None:
            self.end = seen
            return
        if started(self.pod):
            self._log_output(self.pod, event.get("last_line"))
        end = end_of(self.pod)
        self.pod_manager.delete_pod(self.pod)
        # A step that succeeded did so even if it exceeded its timeout in the meantime.
        self.end = replace(end, why="" if end.exit_code == 0 else seen.why or end.why)

    @generic_api_retry
    def _read(self, name: str, namespace: str) -> k8s.V1Pod | None:
        try:
            return self.client.read_namespaced_pod(name, namespace)
        except ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def _log_output(self, pod: k8s.V1Pod, last: str | None) -> None:
        try:
            answer = self.client.read_namespaced_pod_log(
                pod.metadata.name,
                pod.metadata.namespace,
                container=self.base_container_name,
                since_seconds=since_seconds(last, datetime.now(UTC)),
                timestamps=True,
                _preload_content=False,
            )
            lines = answer.data.decode(errors="replace").split("\n")
        except (ApiException, HTTPError) as error:  # for instance, because the node is gone
            self.log.warning("The pod's log cannot be read (%s).", getattr(error, "reason", error))
            return
        for _, text in lines_after(lines, last):
            self.log.info("%s", text)


def _try_labels(context: Any) -> dict[str, str]:
    return {TRY_LABEL: str(context["ti"].id), CLEARED_LABEL: str(context["dag_run"].clear_number or 0)}
