"""The base of all operators of a compiled flow: it has the work done by the configured runner."""

from abc import abstractmethod
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.sdk import BaseOperator, Context, TaskGroup
from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult, StepTask

from metaflow_airflow.operators.flow import Flow
from metaflow_airflow.operators.foreach import Foreach
from metaflow_airflow.operators.kept_version import (
    LATEST,
    SHAPE,
    flow_of,
    keep_version,
    kept_version,
    run_name,
    version_of,
)
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
        self._use_kept_version(context, begin=True)
        self._runner, request = configured_runner(), self.request(context)
        return self.finish(request.task, self._runner.run(request, self, context), context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Resume after a deferral: the pod has ended."""
        self._use_kept_version(context, begin=False)
        self._runner, request = configured_runner(), self.request(context)
        return self.finish(request.task, self._runner.resume(request, self, context, event), context)

    def on_kill(self) -> None:
        """Stop the process or delete the pod."""
        if self._runner is not None:
            self._runner.stop()

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return this operator's attributes that belong to the version of the flow."""

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

    def _use_kept_version(self, context: Context, *, begin: bool) -> None:
        """Take over the attributes that the run keeps, if the flow was deployed again since it started.

        :raises AirflowFailException: if the graph has changed, so that this task does not fit into the run
        """
        tasks = [each for each in self.dag.tasks if isinstance(each, FlowOperator)]
        of_flow = {each.task_id: each.settings() for each in tasks if each.flow_group == self.flow_group}
        deployed = version_of(self.flow, of_flow)
        kept = kept_version(context, deployed)
        if begin:
            keep_version(context, deployed, kept)
        if kept == deployed:
            return
        settings, current = kept["tasks"].get(self.task_id), deployed["tasks"][self.task_id]
        if settings is None or any(settings.get(name) != current.get(name) for name in SHAPE):
            raise AirflowFailException(
                f"{self.flow.name} was deployed with another graph after this run had started, and "
                f"{self.task_id!r} does not fit into the run: trigger a new run."
            )
        self.log.info(
            "%s was deployed again after this run had started. The run keeps the version that it started "
            "with; to use the latest one, set Airflow's variable %s to %r and clear the task.",
            self.flow.name,
            LATEST,
            run_name(context),
        )
        self.flow = flow_of(kept, self.flow)
        for name in settings.keys() - set(SHAPE):
            setattr(self, name, settings[name])


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
