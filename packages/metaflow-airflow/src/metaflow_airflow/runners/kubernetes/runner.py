"""Runs a step in a pod of its own."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowException

from metaflow_airflow.runners.kubernetes.command import pod_command
from metaflow_airflow.runners.kubernetes.description import describe_pod, task_labels
from metaflow_airflow.runners.kubernetes.errors import KUBERNETES_ERRORS, refusal
from metaflow_airflow.runners.kubernetes.launch import StepPod
from metaflow_airflow.runners.kubernetes.settings import read_settings
from metaflow_airflow.runners.results import step_failed

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow.sdk import BaseOperator, Context

    from metaflow_airflow.runners.kubernetes.ends import PodEnd
    from metaflow_airflow.runners.request import StepRequest

POLL_SECONDS = 2  # for the API server's sake no more often: every waiting step asks
LOG_SECONDS = 10  # how old a line may be before Airflow shows it
# A pod ends itself this long after its step's time is over, in case Airflow did not end it.
DEADLINE_GRACE_SECONDS = 60


class KubernetesRunner:
    """Runs each step in a pod; while the pod works, the step waits in Airflow's triggerer."""

    def __init__(self) -> None:
        self._pod: StepPod | None = None

    def run(self, request: "StepRequest", operator: "BaseOperator", context: "Context") -> dict[str, Any]:
        """Start the task's pod, or find it again, and defer; return what it left if it has ended already."""
        return self._result(request, operator, lambda pod: pod.execute_async(context))

    def resume(
        self, request: "StepRequest", operator: "BaseOperator", context: "Context", event: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what the pod left for Airflow, and remove it; raise the failure of one that failed."""
        return self._result(request, operator, lambda pod: pod.trigger_reentry(context, event))

    def stop(self) -> None:
        """Delete the pod."""
        if self._pod is not None:
            self._pod.on_kill()

    def _result(
        self, request: "StepRequest", operator: "BaseOperator", work: "Callable[[StepPod], None]"
    ) -> dict[str, Any]:
        pod = self._pod = step_pod(request, operator)
        refused = ""
        try:
            work(pod)
        except KUBERNETES_ERRORS as error:
            refused = refusal(error, request.task.step)
        if refused:  # here, so that Airflow's log has one error, and not the client's as its cause
            raise AirflowException(refused)
        return _result_of(pod.end, request)


def _result_of(end: "PodEnd", request: "StepRequest") -> dict[str, Any]:
    if end.why or end.exit_code is None:
        raise AirflowException(end.why or "The step's pod was removed before Airflow could read its result.")
    if end.exit_code:
        step_failed(request.task, f"exit code {end.exit_code}, {end.reason}", end.exit_code)
    return json.loads(end.message) if end.message else {}


def step_pod(request: "StepRequest", operator: "BaseOperator") -> StepPod:
    """Return the operator of the pod that runs a task."""
    settings = read_settings()
    datastore, url = _package_url(request.package)
    command = pod_command(url, datastore, request.task.flow, request.virtual_environment)
    return StepPod(
        task_id=operator.task_id,
        kubernetes_conn_id=settings.connection,
        namespace=request.pod.get("namespace", settings.namespace),
        # The whole pod in one piece, because Airflow would take its parts for templates.
        full_pod_spec=describe_pod(request, command, settings),
        labels=task_labels(request.task),
        execution_timeout=operator.execution_timeout,
        active_deadline_seconds=_latest_end(operator.execution_timeout),
        startup_timeout_seconds=settings.startup_seconds,
        startup_check_interval_seconds=POLL_SECONDS,
        poll_interval=POLL_SECONDS,
        logging_interval=LOG_SECONDS,
        log_pod_spec_on_failure=False,
        deferrable=True,
    )


def _latest_end(timeout: "timedelta | None") -> int | None:
    return None if timeout is None else int(timeout.total_seconds()) + DEADLINE_GRACE_SECONDS


def _package_url(package: str) -> tuple[str, str]:
    """Return the datastore's type and the full address of a code package in it."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore

    storage, root = default_datastore()
    return storage.TYPE, f"{root}/{package}"
