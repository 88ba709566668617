"""The base of all operators of a compiled flow: it has the work done by the configured runner."""

from abc import abstractmethod
from typing import Any

from airflow.sdk import BaseOperator, Context, TaskGroup
from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult, StepTask

from metaflow_airflow.operators.flow import Flow
from metaflow_airflow.operators.foreach import Foreach
from metaflow_airflow.run_ids import metaflow_run_id
from metaflow_airflow.runners.configured import configured_runner
from metaflow_airflow.runners.request import Runner, StepRequest


class FlowOperator(BaseOperator):
    """Does a part of a Metaflow run's work, with the runner that Airflow's configuration selects.

    :param flow: the flow; usually set once, in the `default_args` of the DAG or task group
    """

    def __init__(self, *, flow: Flow, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flow = flow
        self.flow_group = _group_of_flow(self.task_group)
        self._runner: Runner | None = None

    def execute(self, context: Context) -> Any:
        """Do the work and return the XCom that the following tasks need."""
        self._runner, request = configured_runner(), self.request(context)
        return self.finish(request.task, self._runner.run(request, self, context), context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Resume after a deferral: the pod has ended."""
        self._runner, request = configured_runner(), self.request(context)
        return self.finish(request.task, self._runner.resume(request, self, context, event), context)

    def on_kill(self) -> None:
        """Stop the process or delete the pod."""
        if self._runner is not None:
            self._runner.stop()

    @abstractmethod
    def request(self, context: Context) -> StepRequest:
        """Return what the runner has to do."""

    def finish(self, task: StepTask, result: StepResult, context: Context) -> Any:
        """Return the XCom that the following tasks need, given the task's result."""

    def metaflow_run_id(self, context: Context) -> str:
        """Return the id of the Metaflow run; each flow that is a task group of the DAG has its own run."""
        dag_run = context["dag_run"]
        return metaflow_run_id(dag_run.dag_id, dag_run.run_id, dag_run.run_after, self.flow_group)

    def origin(self, context: Context) -> dict[str, str]:
        """Return the identity of this Airflow task as Metaflow metadata."""
        instance, dag_run = context["ti"], context["dag_run"]
        return {
            "airflow-dag-id": dag_run.dag_id,
            "airflow-dag-run-id": dag_run.run_id,
            "airflow-task-id": instance.task_id,
            "airflow-map-index": str(instance.map_index),
        }


def _group_of_flow(group: TaskGroup | None) -> str | None:
    """Return the id of the task group that contains the whole flow, None if the flow is a DAG.

    :raises ValueError: if that group is mapped, because all its copies would be the same Metaflow run
    """
    while isinstance(group, Foreach):
        group = group.parent_group
    around = group
    while around is not None:
        if isinstance(around, MappedTaskGroup):
            raise ValueError(
                f"The task group {around.group_id!r} contains a flow and cannot be expanded: "
                "call it once per value, or turn the values into a foreach of the flow."
            )
        around = around.parent_group
    return group.group_id if group is not None else None
