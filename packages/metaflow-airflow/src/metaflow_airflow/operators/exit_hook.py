"""The operator that calls a flow's exit hooks when its run has ended."""

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.sdk import Context
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

from metaflow_airflow.operators.flow_operator import FlowOperator
from metaflow_airflow.operators.step import StepOperator
from metaflow_airflow.runners.request import StepRequest


class ExitHookOperator(FlowOperator):
    """Calls functions of the flow's code once its run has ended, successfully or not.

    It is an Airflow teardown: it runs whether the steps succeeded or failed, and does not affect the state of
    the DAG run.

    :param inputs: the steps to wait for; the last of them is the flow's last step, whose success is the run's
    :param on_success: the functions to call if the run succeeded, by name or import path
    :param on_error: the functions to call if the run failed
    """

    ui_color = "#f4f2fa"

    def __init__(
        self,
        *,
        inputs: Sequence[StepOperator],
        on_success: Sequence[str] = (),
        on_error: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.last_step = inputs[-1].task_id
        self.on_success = tuple(on_success)
        self.on_error = tuple(on_error)
        self.set_upstream(list(inputs))
        self.as_teardown()

    def settings(self) -> dict[str, Any]:
        """Return this operator's attributes that belong to the version of the flow."""
        return {"on_success": self.on_success, "on_error": self.on_error}

    def request(self, context: Context) -> StepRequest:
        """Return the request to call the hooks for the run's outcome.

        :raises AirflowSkipException: if the flow has no hook for that outcome
        """
        succeeded = self._succeeded(context)
        hooks = self.on_success if succeeded else self.on_error
        if not hooks:
            raise AirflowSkipException(
                f"The flow has no exit hook for {'success' if succeeded else 'failure'}."
            )
        name = str(context["ti"].task_id).rpartition(".")[2]
        task = StepTask(
            flow=self.flow.name,
            file=self.flow.file,
            step=name,
            run_id=self.metaflow_run_id(context),
            task_id=name,
            attempt=context["ti"].try_number - 1,
            user_code_retries=0,
            hooks=tuple(hooks),
            namespace=self.flow.namespace,
            production_token=self.flow.production_token,
            branch=self.flow.branch,
            origin=self.origin(context),
        )
        return StepRequest(task, self.flow.package, {}, {})

    def _succeeded(self, context: Context) -> bool:
        instance: Any = context["ti"]
        states = instance.get_task_states(
            dag_id=instance.dag_id, task_ids=[self.last_step], run_ids=[instance.run_id]
        )
        return bool(states.get(instance.run_id, {}).get(self.last_step) == "success")
