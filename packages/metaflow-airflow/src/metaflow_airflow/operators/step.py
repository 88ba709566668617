"""The operator that runs one step of a Metaflow flow."""

from collections.abc import Sequence
from typing import Any

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException, AirflowSkipException
from airflow.sdk import BaseOperator, Context, TriggerRule, XComArg
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult, StepTask, task_id

from metaflow_airflow.operators.events import (
    TriggeringEvent,
    event_values,
    success_payload,
    triggering_events,
)
from metaflow_airflow.operators.flow_operator import FlowOperator
from metaflow_airflow.operators.foreach import SplitsOperator, enclosing_foreach, require_mappable
from metaflow_airflow.operators.inputs import Choice, Path, Relation, StepInput, input_paths
from metaflow_airflow.operators.kept_version import STEP_SETTINGS
from metaflow_airflow.operators.parameters import (
    declared_values,
    given_files,
    given_parameters,
    resolved_parameters,
)
from metaflow_airflow.operators.upstream import read_upstream
from metaflow_airflow.runners.request import StepRequest

MOST_ATTEMPTS = 6  # metaflow.metaflow_config.MAX_ATTEMPTS; not imported because Metaflow is slow to import


class StepOperator(FlowOperator):
    """Runs one step of a Metaflow flow as one Metaflow task.

    :param flow: the flow; usually set once, in the `default_args` of the DAG or task group
    :param inputs: the steps that this step follows; also sets the edges of the graph
    :param wait_for: on the first step: the sensors that have to succeed before it
    :param foreach: whether the step is a foreach; its XCom lists one index path per split
    :param switch: whether the step chooses the next step; its XCom names that step and the Metaflow task to
        continue from, because a step that chooses itself runs again within the same Airflow task
    :param parallel: whether the step is a gang, tasks that run at the same time within this Airflow task; its
        XCom is the size of the gang
    :param user_code_retries: how many of the `retries` run the step's own code; the rest, which `@catch`
        adds, only record the failure. Defaults to all of them
    :param compute: the resources that the step requests: `cpu` (cores), `memory`, `disk` (Kubernetes
        quantities), `gpu`
    :param pod: all other settings of the step's pod, named as in Metaflow's `@kubernetes`
    :param env: environment variables of the step
    :param virtual_environment: Metaflow's id of the environment that `@conda` or `@pypi` defines for the step
    :param decorators: decorators that `--with` added when the flow was compiled
    :param parameters: on the first step of a flow that is used as a task group: values of the flow's
        parameters, which may be XComArgs
    :param event_parameters: on the first step: by event (an asset's name or URI) and by parameter, the field
        of the event's payload that sets the parameter
    :param outlets: on the last step: the asset whose event announces the flow's success; its payload
        identifies the Metaflow run
    """

    ui_color = "#e8e4f8"

    def __init__(
        self,
        *,
        inputs: Sequence["StepOperator"] = (),
        wait_for: Sequence[BaseOperator] = (),
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
        if wait_for:
            self.set_upstream(list(wait_for))
        # The first step of a foreach's body needs no edge of its own: its group has one, from the task that
        # lists the splits.
        if followed := [
            each for each in inputs if each is not (self.foreach_group and self.foreach_group.over)
        ]:
            self.set_upstream(followed)

    def paths_task(self) -> BaseOperator:
        """Return the task that lists the index paths of all splits of this foreach step."""
        if self.foreach_group is None:
            return self
        if self._splits_task is None:
            # The dash keeps the id unique: no step has one in its name.
            self._splits_task = SplitsOperator(task_id=f"{self.step}-splits", foreach=self.task_id)
            self._splits_task.set_upstream(self)
        return self._splits_task

    def step_task(self, context: Context) -> StepTask:
        """Return the Metaflow task that this task instance runs.

        :raises AirflowSkipException: if none of the preceding steps continued to this one
        :raises AirflowFailException: if Metaflow would not keep another attempt, or a parameter is invalid
        """
        instance = context["ti"]
        if instance.try_number > MOST_ATTEMPTS:
            raise AirflowFailException(
                f"This is try {instance.try_number} of step {self.step!r}, but Metaflow keeps only "
                f"{MOST_ATTEMPTS} attempts per task: trigger a new run instead of clearing this one again."
            )
        path, events = self._path(context), triggering_events(context)
        values, included = (None, {}) if self.step_inputs else self._parameters(context, events)
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
            parameters=values,
            included=included,
            triggers=tuple(event.trigger() for event in events),
            environment=self.flow.environment,
            decorators=tuple(self.decorators),
            tags=self._tags(context),
            namespace=self.flow.namespace,
            production_token=self.flow.production_token,
            branch=self.flow.branch,
            origin=self.origin(context),
        )

    def settings(self) -> dict[str, Any]:
        """Return this step's attributes that belong to the version of the flow."""
        inputs = [(source.airflow_task_id, source.relation.name) for source in self.step_inputs]
        return {"inputs": inputs} | {name: getattr(self, name) for name in STEP_SETTINGS}

    def request(self, context: Context) -> StepRequest:
        """Return what the runner has to do.

        :raises AirflowSkipException: if none of the preceding steps continued to this one
        """
        task = self.step_task(context)
        settings = (self.compute, self.env, self.pod, self.virtual_environment)
        return StepRequest(task, self.flow.package, *settings)

    def finish(self, task: StepTask, result: StepResult, context: Context) -> Any:
        """Return the step's XCom, and announce the flow's success if this was its last step.

        :raises AirflowException: if the task did not say what the following steps need
        :raises AirflowFailException: if a foreach has more splits than Airflow maps
        """
        for asset in self.outlets:
            payload = success_payload(task.flow, task.run_id, task.step, task.task_id)
            context["outlet_events"][asset].extra.update(payload)
        match result:
            case StepResult(splits=int(splits)) if self.foreach:
                paths = [[*self._path(context), index] for index in range(splits)]
                # In another foreach, only the splits of all its tasks together are mapped over.
                return paths if self.foreach_group else require_mappable(self.step, paths)
            case StepResult(next=str(step), task=str(name)) if self.switch:
                return Choice(next=step, task=name)
            case StepResult(gang=int(size)) if self.parallel:
                return size
        if self.foreach or self.switch or self.parallel:
            raise AirflowException(
                f"Step {self.step!r} succeeded, but its result for the following steps is missing: clear the "
                "task to run it again."
            )
        return None

    def _parameters(
        self, context: Context, events: tuple[TriggeringEvent, ...]
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Return the values of the parameters, and where the files of IncludeFile parameters are."""
        try:
            values = self._values(context, events)
            params = self.dag.params if self.flow_group is None else self.flow.params
            files = given_files(self.flow, values, params)
        except ValueError as error:
            raise AirflowFailException(str(error)) from None
        others = {name: value for name, value in values.items() if name not in files}
        return others, self.flow.included | files

    def _values(self, context: Context, events: tuple[TriggeringEvent, ...]) -> dict[str, Any]:
        if self.flow_group is not None:
            return resolved_parameters(self.flow, self.parameters, context)
        found = event_values(self.event_parameters, events, self.dag.params) if events else {}
        return declared_values(self.flow, context["params"], self.dag.params, self.log) | found

    def _tags(self, context: Context) -> tuple[str, ...]:
        """Return the run's tags; one of them adds the run to the namespace of the user who triggered it.

        Only Airflow knows who that is; before 3.1.4, it does not tell its tasks.
        """
        user = getattr(context["dag_run"], "triggering_user_name", None)
        return (*self.flow.tags, f"user:{user}") if user else self.flow.tags

    def _path(self, context: Context) -> Path:
        return self.foreach_group.path(context["ti"]) if self.foreach_group else []

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
            raise AirflowSkipException(f"No step continued to {self.step!r} in this run.")
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
