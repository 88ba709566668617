"""The operator that runs one step of a Metaflow flow, wherever Airflow's settings say that steps run."""

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from airflow.sdk import BaseOperator, Context, TriggerRule, XComArg
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask, task_id

from metaflow_airflow.operators.events import Happened, event_values, success_payload, triggering_events
from metaflow_airflow.operators.foreach import SplitsOperator, enclosing_foreach
from metaflow_airflow.operators.inputs import Path, Relation, StepInput, input_paths
from metaflow_airflow.operators.parameters import given_parameters, resolved_parameters
from metaflow_airflow.operators.task import FlowOperator
from metaflow_airflow.operators.upstream import read_upstream
from metaflow_airflow.run_ids import TRIGGERED_BY
from metaflow_airflow.runners.request import StepRequest

MOST_ATTEMPTS = 6  # metaflow.metaflow_config.MAX_ATTEMPTS; not imported, Metaflow is heavy


class StepOperator(FlowOperator):
    """Runs one step of a Metaflow flow as one Metaflow task.

    :param flow: the flow; usually given once, in the `default_args` of the DAG or task group
    :param inputs: the steps that this step follows; also sets the edges
    :param foreach: the step splits the flow; its XCom is one index path per split
    :param switch: the step chooses which step follows; its XCom is that step and the Metaflow task to go on
        from, because a step that chooses itself runs again within this Airflow task
    :param parallel: the step is a gang of tasks that run at once, within this Airflow task; its XCom is how
        many
    :param user_code_retries: how many of the `retries` run the step's own code; the others, which `@catch`
        adds, only record the failure. All of them unless given
    :param compute: what the step asks for: `cpu` (cores), `memory`, `disk` (Kubernetes quantities), `gpu`
    :param pod: what the step's pod needs besides, in the words of Metaflow's `@kubernetes`
    :param env: environment variables of the step
    :param virtual_environment: Metaflow's id of the packages that the step is to have, by `@conda` or `@pypi`
    :param decorators: decorators that `--with` added when the flow was compiled
    :param parameters: on the first step of a flow that is a task group: values of the flow's parameters,
        XComArgs among them
    :param event_parameters: on the first step: which field of an event's payload sets which parameter, by
        event (an asset's name or address), by parameter
    :param outlets: on the last step: the asset whose event is the flow's success; its payload says which
        Metaflow run it was
    """

    ui_color = "#e8e4f8"

    def __init__(
        self,
        *,
        inputs: Sequence["StepOperator"] = (),
        foreach: bool = False,
        switch: bool = False,
        parallel: bool = False,
        user_code_retries: int | None = None,
        compute: dict[str, Any] | None = None,
        pod: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        virtual_environment: str | None = None,
        decorators: Sequence[str] = (),
        parameters: dict[str, Any] | None = None,
        event_parameters: dict[str, dict[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.step = kwargs["task_id"]
        self.foreach = foreach
        self.switch = switch
        self.parallel = parallel
        self.user_code_retries = (self.retries or 0) if user_code_retries is None else user_code_retries
        self.compute = compute or {}
        self.pod = pod or {}
        self.env = env or {}
        self.virtual_environment = virtual_environment
        self.decorators = tuple(decorators)
        self.event_parameters = event_parameters or {}
        self.foreach_group = enclosing_foreach(self.task_group)
        self.step_inputs = tuple(self._input(source) for source in inputs)
        self._splits_task: SplitsOperator | None = None
        self.parameters = given_parameters(self.flow, parameters or {}) if not inputs else {}
        XComArg.apply_upstream_relationship(self, self.parameters)
        # A step's splits have their group's edge, from the task that lists them.
        if followed := [
            each for each in inputs if each is not (self.foreach_group and self.foreach_group.over)
        ]:
            self.set_upstream(followed)

    def paths_task(self) -> BaseOperator:
        """Return the task that lists the index paths of all splits of this foreach step."""
        if self.foreach_group is None:
            return self
        if self._splits_task is None:
            # With a dash, which no step has in its name.
            self._splits_task = SplitsOperator(task_id=f"{self.step}-splits", foreach=self.task_id)
            self._splits_task.set_upstream(self)
        return self._splits_task

    def step_task(self, context: Context) -> StepTask:
        """Return the Metaflow task that this task instance is.

        Raises AirflowSkipException when the steps before it went on elsewhere.
        """
        instance = context["ti"]
        if instance.try_number > MOST_ATTEMPTS:
            raise AirflowFailException(
                f"This is try {instance.try_number} of step {self.step!r}, and Metaflow keeps "
                f"{MOST_ATTEMPTS} attempts of a task: trigger a new run instead of clearing this one again."
            )
        path, events = self._path(context), triggering_events(context)
        return StepTask(
            flow=self.flow.name,
            file=self.flow.file,
            step=self.step,
            run_id=self.metaflow_run_id(context),
            task_id=task_id(self.step, path),
            attempt=instance.try_number - 1,
            user_code_retries=self.user_code_retries,
            inputs=self._input_paths(context, path),
            split_index=path[-1] if path else None,
            parallel=self.parallel,
            parameters=None if self.step_inputs else self._parameters(context, events),
            included={} if self.step_inputs else self.flow.included,
            triggers=tuple(event.trigger() for event in events),
            environment=self.flow.environment,
            decorators=self.decorators,
            tags=self._tags(context),
            namespace=self.flow.namespace,
            production_token=self.flow.production_token,
            branch=self.flow.branch,
            origin=self.origin(context),
        )

    def request(self, context: Context) -> StepRequest:
        """Return what the runner is to do; skip the step if none before chose it."""
        return StepRequest(
            self.step_task(context),
            self.flow.package,
            self.compute,
            self.env,
            self.pod,
            self.virtual_environment,
        )

    def _parameters(self, context: Context, events: tuple[Happened, ...]) -> dict[str, Any]:
        try:
            if self.flow_group is not None:
                return resolved_parameters(self.flow, self.parameters, context)
            found = event_values(self.event_parameters, events, self.dag.params) if events else {}
        except ValueError as error:
            raise AirflowFailException(str(error)) from None
        given = {name: value for name, value in context["params"].items() if name != TRIGGERED_BY}
        return given | found

    def _tags(self, context: Context) -> tuple[str, ...]:
        """Return the run's tags; one of them puts it into the namespace of who triggered it, too."""
        user = (context["dag_run"].conf or {}).get(TRIGGERED_BY)
        return (*self.flow.tags, f"user:{user}") if isinstance(user, str) else self.flow.tags

    def _path(self, context: Context) -> Path:
        if self.foreach_group is None:
            return []
        instance = context["ti"]
        paths = instance.xcom_pull(task_ids=self.foreach_group.paths_task_id, map_indexes=-1)
        path: Path = paths[instance.map_index]
        return path

    def _input_paths(self, context: Context, path: Path) -> tuple[str, ...]:
        if not self.step_inputs:
            return ()
        upstream = read_upstream(
            context["ti"],
            self.step_inputs,
            path,
            may_be_skipped=self.trigger_rule == TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        )
        found = input_paths(self.step_inputs, self.step, path, upstream)
        if not found:
            raise AirflowSkipException(f"No step went on to {self.step!r} in this run.")
        return found

    def _input(self, source: "StepOperator") -> StepInput:
        relation, joined = Relation.SAME, source.foreach_group
        if self.foreach_group and source is self.foreach_group.over:
            relation = Relation.SPLIT
        elif joined and (self.foreach_group is None or joined.over is not self.foreach_group.over):
            relation = Relation.JOIN
        return StepInput(
            step=source.step,
            airflow_task_id=source.task_id,
            relation=relation,
            splits_of=joined.over.task_id if joined and relation is Relation.JOIN else None,
            paths_of=joined.paths_task_id if joined and relation is Relation.JOIN else None,
            switch=source.switch,
            parallel=source.parallel,
        )

    def finish(self, task: StepTask, result: dict[str, Any], context: Context) -> Any:
        """Tell of the flow's success if this was its last step, and return what the next must know."""
        for asset in self.outlets:
            payload = success_payload(task.flow, task.run_id, task.step, task.task_id)
            context["outlet_events"][asset].extra.update(payload)
        if self.foreach:
            return [[*self._path(context), index] for index in range(result["splits"])]
        if self.switch:
            return {"next": result["next"], "task": result["task"]}
        return result["gang"] if self.parallel else None
