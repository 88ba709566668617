"""The pod of one step: starts it or finds it again, hands it to the triggerer, and ends it."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import generic_api_retry
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.pod_manager import PodPhase
from kubernetes.client import models as k8s
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from metaflow_airflow.runners.kubernetes.ends import PodEnd, end_of, started
from metaflow_airflow.runners.kubernetes.logs import lines_after, since_seconds
from metaflow_airflow.runners.kubernetes.trigger import StepPodTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

# The try of an Airflow task that a pod is for: Airflow's unique id of it.
TRY_LABEL = "metaflow-airflow/try"
# How often its DAG run had been cleared.
CLEARED_LABEL = "metaflow-airflow/cleared"


class StepPod(KubernetesPodOperator):
    """Airflow's own operator for pods, at work inside a step's operator."""

    end = PodEnd()  # how the pod ended, once it has

    def build_pod_request_obj(self, context: "Context | None" = None, **kwargs: Any) -> k8s.V1Pod:
        """Return the pod, which says for which try of which task it is."""
        pod = super().build_pod_request_obj(context, **kwargs)
        pod.metadata.labels |= _try_labels(context)
        return pod

    def get_or_create_pod(self, pod_request_obj: k8s.V1Pod, context: "Context") -> k8s.V1Pod:
        """Return this task's pod from before this Airflow worker, or start one.

        A pod that has succeeded is taken as well: its worker was lost before it could tell Airflow. One from
        before the task was cleared is not, and is removed.
        """
        labels = _try_labels(context)
        for pod in self._earlier_pods(pod_request_obj.metadata.namespace, context):
            if pod.metadata.deletion_timestamp:
                continue
            cleared = pod.metadata.labels.get(CLEARED_LABEL, labels[CLEARED_LABEL]) != labels[CLEARED_LABEL]
            if cleared or pod.status.phase == PodPhase.FAILED:
                self.log.info("Removing pod %s, which an earlier try left.", pod.metadata.name)
                self.pod_manager.delete_pod(pod)
                continue
            self.log.info("Going on with pod %s, which this task has already started.", pod.metadata.name)
            return self._take_over(pod, labels)
        return self._create(pod_request_obj)

    @generic_api_retry
    def _earlier_pods(self, namespace: str, context: "Context") -> list[k8s.V1Pod]:
        selector = self._build_find_pod_label_selector(context)
        return self.client.list_namespaced_pod(namespace, label_selector=selector).items

    @generic_api_retry
    def _take_over(self, pod: k8s.V1Pod, labels: dict[str, str]) -> k8s.V1Pod:
        body = {"metadata": {"labels": labels}}
        return self.client.patch_namespaced_pod(pod.metadata.name, pod.metadata.namespace, body)

    @generic_api_retry
    def _create(self, pod: k8s.V1Pod) -> k8s.V1Pod:
        # Not with the pod manager, whose log of an error is the whole pod and a traceback.
        return self.client.create_namespaced_pod(pod.metadata.namespace, pod)

    def invoke_defer_method(self, last_log_time: Any = None, context: "Context | None" = None) -> None:
        """Defer; tell the triggerer when this is the cluster's inside, which it does not find out itself."""
        self.in_cluster = self.hook.is_in_cluster or None
        super().invoke_defer_method(last_log_time, context)

    def defer(self, *, trigger: Any, method_name: str, **kwargs: Any) -> NoReturn:
        """Defer the step's operator, and without the cluster's credentials: the triggerer has them itself."""
        arguments = trigger.serialize()[1] | {"config_dict": None, "connection_extras": None}
        super().defer(trigger=StepPodTrigger(**arguments), method_name="execute_complete", **kwargs)

    def trigger_reentry(self, context: "Context", event: dict[str, Any]) -> None:
        """Show the rest of the pod's log, remove the pod, and keep how it ended."""
        seen = PodEnd(**event.get("end", {}))  # none when the pod had ended before it was handed over
        self.pod = self._read(event["name"], event["namespace"])
        if self.pod is None:
            self.end = seen
            return
        if started(self.pod):
            self._show_log(self.pod, event.get("last_line"))
        end = end_of(self.pod)
        self.pod_manager.delete_pod(self.pod)
        # A step that ended well did so, even if meanwhile its time was over.
        self.end = replace(end, why="" if end.exit_code == 0 else seen.why or end.why)

    @generic_api_retry
    def _read(self, name: str, namespace: str) -> k8s.V1Pod | None:
        try:
            return self.client.read_namespaced_pod(name, namespace)
        except ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def _show_log(self, pod: k8s.V1Pod, last: str | None) -> None:
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
        except (ApiException, HTTPError) as error:  # of a node that is gone, say
            self.log.warning("The pod's log cannot be read (%s).", getattr(error, "reason", error))
            return
        for _, text in lines_after(lines, last):
            self.log.info("%s", text)


def _try_labels(context: Any) -> dict[str, str]:
    return {TRY_LABEL: str(context["ti"].id), CLEARED_LABEL: str(context["dag_run"].clear_number or 0)}
