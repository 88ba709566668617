"""Runs a step in a pod of its own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from airflow.providers.common.compat.sdk import AirflowException
from airflow.sdk import BaseOperator, Context
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult

from metaflow_airflow.runners.kubernetes.api_errors import KUBERNETES_ERRORS, error_message
from metaflow_airflow.runners.kubernetes.pod_command import pod_command
from metaflow_airflow.runners.kubernetes.pod_description import describe_pod, task_labels
from metaflow_airflow.runners.kubernetes.pod_end_messages import PodEnd
from metaflow_airflow.runners.kubernetes.pod_launch import StepPod
from metaflow_airflow.runners.kubernetes.pod_settings import read_settings
from metaflow_airflow.runners.kubernetes.task_secret import task_text
from metaflow_airflow.runners.request import StepRequest
from metaflow_airflow.runners.results import read_result, step_failed
from metaflow_airflow.runners.task_name import show_task_name

POLL_SECONDS = 2  # not less, to spare the API server: every waiting step polls it
LOG_SECONDS = 10  # the longest delay before Airflow shows a line of the step's output
# The pod's own deadline comes this long after the step's timeout, in case Airflow does not delete the pod.
DEADLINE_GRACE_SECONDS = 60


class KubernetesRunner:
    """Runs each step in a pod; meanwhile the operator is deferred, and the triggerer watches the pod."""

    def __init__(self) -> None:
        self._pod: StepPod | None = None

    def run(self, request: StepRequest, operator: BaseOperator, context: Context) -> StepResult:
        """Start the task's pod, or find the one it already has, and defer; return the result if it has ended.

        Raises:
            AirflowException: If the pod cannot be started, or the task failed.
            AirflowFailException: If the task failed in a way that must not be retried.
        """
        return self._result(request, operator, context, lambda pod: pod.execute_async(context))

    def resume(
        self, request: StepRequest, operator: BaseOperator, context: Context, event: dict[str, Any]
    ) -> StepResult:
        """Return the result of a pod that has ended, and delete the pod.

        Raises:
            AirflowException: If the task failed, or its pod was lost.
            AirflowFailException: If the task failed in a way that must not be retried.
        """
        return self._result(request, operator, context, lambda pod: pod.trigger_reentry(context, event))

    def stop(self) -> None:
        """Delete the pod."""
        if self._pod is not None:
            self._pod.on_kill()

    def _result(
        self,
        request: StepRequest,
        operator: BaseOperator,
        context: Context,
        work: Callable[[StepPod], None],
    ) -> StepResult:
        pod = self._pod = step_pod(request, operator)
        problem = ""
        try:
            work(pod)
        except KUBERNETES_ERRORS as error:
            problem = error_message(error, request.task.step)
        if problem:  # raised here, because Airflow would also log the client's error as its context
            raise AirflowException(problem)
        show_task_name(context, pod.end.message)
        return _result_of(pod.end, request)


def _result_of(end: PodEnd, request: StepRequest) -> StepResult:
    if end.why or end.exit_code is None:
        raise AirflowException(end.why or "The step's pod was deleted before Airflow could read its result.")
    if end.exit_code:
        step_failed(request.task, f"exit code {end.exit_code}, {end.reason}", end.exit_code)
    return read_result(request.task, end.message)


def step_pod(request: StepRequest, operator: BaseOperator) -> StepPod:
    """Return the operator of the pod that runs a task."""
    settings, text = read_settings(), task_text(request.task)
    datastore, url = _package_url(request.package)
    command = pod_command(url, datastore, request.task.flow, request.virtual_environment)
    pod = StepPod(
        task_id=operator.task_id,
        kubernetes_conn_id=settings.connection,
        namespace=request.pod.get("namespace", settings.namespace),
        # The whole pod at once, because Airflow would render separate arguments as templates.
        full_pod_spec=describe_pod(request, command, settings),
        labels=task_labels(request.task),
        execution_timeout=operator.execution_timeout,
        active_deadline_seconds=_deadline(operator.execution_timeout),
        startup_timeout_seconds=settings.startup_seconds,
        startup_check_interval_seconds=POLL_SECONDS,
        poll_interval=POLL_SECONDS,
        logging_interval=LOG_SECONDS,
        log_pod_spec_on_failure=False,
        deferrable=True,
    )
    pod.task_text = text
    return pod


def _deadline(timeout: timedelta | None) -> int | None:
    return None if timeout is None else int(timeout.total_seconds()) + DEADLINE_GRACE_SECONDS


def _package_url(package: str) -> tuple[str, str]:
    """Return the datastore's type, and the URL of a code package in it."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore

    storage, root = default_datastore()
    return storage.TYPE, f"{root}/{package}"
