"""What all operators of a compiled flow share: the flow, its run, and a process or pod that does the work."""

from abc import abstractmethod
from typing import Any

from airflow.sdk import BaseOperator, Context, TaskGroup
from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

from metaflow_airflow.operators.flow import Flow, metaflow_run_id
from metaflow_airflow.operators.foreach import Foreach
from metaflow_airflow.runners.configured import configured_runner
from metaflow_airflow.runners.request import Runner, StepRequest


class FlowOperator(BaseOperator):
    """Does a piece of a Metaflow run's work, wherever Airflow's settings say that steps run.

    :param flow: the flow; usually given once, in the `default_args` of the DAG or task group
    """

    def __init__(self, *, flow: Flow, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flow = flow
        self.flow_group = _group_of_flow(self.task_group)
        self._runner: Runner | None = None

    def execute(self, context: Context) -> Any:
        """Do the work and return what the tasks after this one must know."""
        self._runner, request = configured_runner(), self.request(context)
        return self.finish(request.task, self._runner.run(request, self, context), context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on after the wait for a pod."""
        self._runner, request = configured_runner(), self.request(context)
        return self.finish(request.task, self._runner.resume(request, self, context, event), context)

    def on_kill(self) -> None:
        """Stop the process or pod."""
        if self._runner is not None:
            self._runner.stop()

    @abstractmethod
    def request(self, context: Context) -> StepRequest:
        """Return what the runner is to do."""

    def finish(self, task: StepTask, result: dict[str, Any], context: Context) -> Any:
        """Return what the tasks after this one must know, given what the work left."""

    def metaflow_run_id(self, context: Context) -> str:
        """Return the id of the Metaflow run: each task group of a DAG that is a flow has its own."""
        dag_run = context["dag_run"]
        return metaflow_run_id(dag_run.dag_id, dag_run.run_id, dag_run.run_after, self.flow_group)

    def origin(self, context: Context) -> dict[str, str]:
        """Return where in Airflow this task is, as Metaflow's metadata say it."""
        instance, dag_run = context["ti"], context["dag_run"]
        return {
            "airflow-dag-id": dag_run.dag_id,
            "airflow-dag-run-id": dag_run.run_id,
            "airflow-task-id": instance.task_id,
            "airflow-map-index": str(instance.map_index),
        }


def _group_of_flow(group: TaskGroup | None) -> str | None:
    """Return the id of the task group that a flow is, None for a flow that is a DAG of its own.

    Raises ValueError when that group is mapped: its runs would be one.
    """
    while isinstance(group, Foreach):
        group = group.parent_group
    around = group
    while around is not None:
        if isinstance(around, MappedTaskGroup):
            raise ValueError(
                f"The task group {around.group_id!r} holds a flow and cannot be expanded: "
                "call it once for each value, or make the values a foreach of the flow."
            )
        around = around.parent_group
    return group.group_id if group is not None else None
