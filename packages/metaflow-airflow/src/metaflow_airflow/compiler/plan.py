"""Plan: a FlowModel becomes a DagModel. All judgement about what Airflow should do is here."""

import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from metaflow_airflow.compiler.conditions import runs_without_some_input, steps_that_end_last
from metaflow_airflow.compiler.dag_model import Call, DagModel, Foreach, Task, Variable
from metaflow_airflow.compiler.flow_model import (
    Event,
    FlowModel,
    Retries,
    Step,
    StepType,
)
from metaflow_airflow.compiler.plan_values import kubernetes_quantities, param
from metaflow_airflow.names import task_group_id

# Where the names in a compiled file come from.
MODULES = {
    "airflow.sdk": ("dag", "Asset", "AssetOrTimeSchedule", "CronTriggerTimetable", "Param", "task_group"),
    "metaflow_airflow.operators": ("Flow", "StepOperator", "Foreach", "ExitHookOperator"),
    "pendulum": ("datetime", "duration"),
}
# Names that the compiled file uses itself, so that no step's variable may take them.
FILE_NAMES = {"FLOW", "parameters"}.union(*MODULES.values())

# The step's own alarm ends it, so that @catch can see it; Airflow's timeout is for a process that does not
# react, and leaves room for starting it.
TIMEOUT_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the command line says about a DAG, beyond the flow itself.

    `package` is the code package's path below the datastore root; `included` describes the files that are
    defaults of the flow's parameters; `source` and `target` are the files of the flow and the DAG, relative,
    as the header names them; `branch` is that of @project.
    """

    dag_id: str
    package: str
    source: str
    target: str
    included: dict[str, dict[str, Any]] = field(default_factory=dict)
    production_token: str | None = None
    branch: str | None = None
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    max_workers: int | None = None
    workflow_timeout: int | None = None
    worker_pool: str | None = None
    paused: bool = False
    task_group: bool = False  # for a DAG written by hand, not a DAG


def plan_dag(flow: FlowModel, deployment: Deployment) -> DagModel:
    """Return the DAG that runs the flow."""
    function = _function_name(deployment.dag_id)
    body = tuple(_Planner(flow, {function}, deployment.task_group).body())
    in_dag = not deployment.task_group
    arguments = _dag_arguments(flow, deployment) if in_dag else _group_arguments(deployment)
    flow_call = _flow_call(flow, deployment)
    return DagModel(
        title=flow.name,
        doc=flow.doc,
        source=deployment.source,
        target=deployment.target,
        flow=flow_call,
        decorator="dag" if in_dag else "task_group",
        function=function,
        arguments=arguments,
        body=body,
        imports=_imports("dag" if in_dag else "task_group", [arguments, flow_call], body),
    )


def _flow_call(flow: FlowModel, deployment: Deployment) -> Call:
    keywords: dict[str, Any] = {"name": flow.name, "file": flow.file, "package": deployment.package}
    if deployment.included:
        keywords["included"] = deployment.included
    if deployment.production_token is not None:
        keywords["production_token"] = deployment.production_token
    if deployment.branch is not None:
        keywords["branch"] = deployment.branch
    if deployment.tags:
        keywords["tags"] = deployment.tags
    if deployment.namespace is not None:
        keywords["namespace"] = deployment.namespace
    if deployment.task_group and flow.parameters:
        keywords["params"] = {each.name: param(each) for each in flow.parameters}
    return Call("Flow", keywords=keywords)


def _dag_arguments(flow: FlowModel, deployment: Deployment) -> dict[str, Any]:
    arguments: dict[str, Any] = {"dag_id": deployment.dag_id}
    arguments |= _schedule_arguments(flow)
    if flow.schedule and deployment.workflow_timeout:
        arguments["dagrun_timeout"] = _duration(deployment.workflow_timeout)
    if deployment.max_workers:
        arguments["max_active_tasks"] = deployment.max_workers
    if deployment.paused:
        arguments["is_paused_upon_creation"] = True
    if flow.parameters:
        unasked = bool(flow.events)
        arguments["params"] = {each.name: param(each, unasked) for each in flow.parameters}
    arguments["default_args"] = _default_arguments(deployment)
    arguments["tags"] = sorted({"metaflow", *deployment.tags})
    arguments["doc_md"] = Variable("__doc__")
    return arguments


def _group_arguments(deployment: Deployment) -> dict[str, Any]:
    return {
        "group_id": task_group_id(deployment.dag_id),
        "default_args": _default_arguments(deployment),
        "doc_md": Variable("__doc__"),
    }


def _default_arguments(deployment: Deployment) -> dict[str, Any]:
    pool = {"pool": deployment.worker_pool} if deployment.worker_pool else {}
    return {"flow": Variable("FLOW"), **pool}


def _schedule_arguments(flow: FlowModel) -> dict[str, Any]:
    assets, schedule = [_asset(event) for event in flow.events], flow.schedule
    if schedule is None:
        return {"schedule": assets} if assets else {}
    zone = schedule.timezone or "UTC"
    # Any fixed day in the past will do: it is where the schedule's time zone is said, and it must not change.
    start = Call("datetime", (2026, 1, 1), {"tz": zone})
    if not assets:
        return {"schedule": schedule.cron, "start_date": start}
    timetable = Call("CronTriggerTimetable", (schedule.cron,), {"timezone": zone})
    both = Call("AssetOrTimeSchedule", keywords={"assets": assets, "timetable": timetable})
    return {"schedule": both, "start_date": start}


def _asset(event: Event) -> Call:
    """Return the asset of an event.

    One that another team's DAG makes is only referred to: were it declared here too, with another address,
    Airflow would let only one of both be active.
    """
    if event.of_flow:
        return Call("Asset", (event.name,))
    return Call("Asset.ref", keywords={"uri" if "://" in event.name else "name": event.name})


class _Planner:
    """Walks the flow from its first step and gives every step and group a name."""

    def __init__(self, flow: FlowModel, taken: set[str], in_group: bool) -> None:
        self._flow = flow
        self._in_group = in_group
        self._taken = FILE_NAMES | set(dir(builtins)) | taken
        self._names = {step.name: self._name(step.name) for step in flow.steps}
        self._done: set[str] = set()

    def body(self) -> list[Task | Foreach]:
        """Return the whole flow."""
        return [*self.block(self._flow.first_step), *self._exit_hook()]

    def block(self, first: str, scope: tuple[str, ...] = ()) -> list[Task | Foreach]:
        """Return what starts at a step and stays within a foreach scope, in reading order.

        Airflow maps no group inside a mapped group, so an inner foreach parts the group of its scope in two.
        Steps that need not wait for it go into the first.
        """
        found, group = list[Task | Foreach](), list[Task]()
        ready, inner = [first], list[Step]()
        while ready or inner:
            if inner and not (ready and scope):
                found += self._group(scope, group)
                for foreach in inner:
                    found += self.block(foreach.leads_to[0], (*scope, foreach.name))
                ready += self._ready(self._joins_of(inner), scope)
                group, inner = [], []
                continue
            step = self._flow.step(ready.pop())
            self._done.add(step.name)
            group.append(self._task(step))
            if step.type is StepType.FOREACH:
                inner.append(step)
            else:
                ready += self._ready(step.leads_to, scope)
        return found + self._group(scope, group)

    def _ready(self, names: Iterable[str], scope: tuple[str, ...]) -> list[str]:
        """Return those steps of a scope that wait for nothing more, the last to be written first."""
        steps = [self._flow.step(name) for name in reversed(list(names))]
        return [
            each.name for each in steps if each.foreach_scope == scope and self._done.issuperset(each.follows)
        ]

    def _joins_of(self, foreachs: list[Step]) -> list[str]:
        names = {foreach.name for foreach in foreachs}
        return [step.name for step in self._flow.steps if step.joins in names]

    def _group(self, scope: tuple[str, ...], tasks: list[Task]) -> list[Task | Foreach]:
        if not scope or not tasks:
            return list(tasks)
        group_id = f"each_{tasks[0].arguments['task_id']}"
        return [Foreach(group_id, self._names[scope[-1]], tuple(tasks))]

    def _task(self, step: Step) -> Task:
        arguments: dict[str, Any] = {"task_id": step.name}
        if step.follows:
            arguments["inputs"] = [Variable(self._names[name]) for name in step.follows]
        if runs_without_some_input(self._flow, step):
            arguments["trigger_rule"] = "none_failed_min_one_success"
        if step.type is StepType.FOREACH:
            arguments["foreach"] = True
        if step.type is StepType.SWITCH:
            arguments["switch"] = True
        if step.parallel:
            arguments["parallel"] = True
        arguments |= _retry_arguments(step.retries)
        if step.timeout_seconds is not None and not step.repeats:
            arguments["execution_timeout"] = _duration(step.timeout_seconds + TIMEOUT_GRACE_SECONDS)
        if compute := kubernetes_quantities(step.resources):
            arguments["compute"] = compute
        if step.pod:
            arguments["pod"] = step.pod
        if step.environment:
            arguments["env"] = step.environment
        if step.added_decorators:
            arguments["decorators"] = list(step.added_decorators)
        if not step.follows and self._in_group and self._flow.parameters:
            arguments["parameters"] = Variable("parameters")
        if not step.follows and (mapping := self._flow.event_parameters()):
            arguments["event_parameters"] = mapping
        if not step.leads_to and self._flow.success_event:
            arguments["outlets"] = [Call("Asset", (self._flow.success_event,))]
        if step.doc:
            arguments["doc_md"] = step.doc
        return Task(self._names[step.name] if self._is_referred_to(step) else None, arguments)

    def _is_referred_to(self, step: Step) -> bool:
        """Return whether the file names the step's variable again, as an input or as a foreach."""
        followed = any(step.name in follower.follows for follower in self._flow.steps)
        return followed or (self._flow.exit_hooks is not None and not step.leads_to)

    def _exit_hook(self) -> list[Task]:
        """Return the task that calls the exit hooks."""
        hooks, task_id = self._flow.exit_hooks, "exit_hook"
        if hooks is None:
            return []
        while task_id in self._names:
            task_id += "_"
        arguments: dict[str, Any] = {
            "task_id": task_id,
            "inputs": [Variable(self._names[name]) for name in steps_that_end_last(self._flow)],
        }
        arguments |= {"on_success": list(hooks.on_success)} if hooks.on_success else {}
        arguments |= {"on_error": list(hooks.on_error)} if hooks.on_error else {}
        return [Task(None, arguments, operator="ExitHookOperator")]

    def _name(self, wanted: str) -> str:
        """Return a variable name that nothing else in the file has."""
        name = wanted
        while name in self._taken or keyword.iskeyword(name):
            name += "_"
        self._taken.add(name)
        return name


def _retry_arguments(retries: Retries) -> dict[str, Any]:
    if not retries.in_all:
        return {}
    arguments: dict[str, Any] = {"retries": retries.in_all}
    if retries.user_code != retries.in_all:
        arguments["user_code_retries"] = retries.user_code
    # Without @retry nothing is to be waited for: @catch's tries only record that the step was lost.
    arguments["retry_delay"] = _duration(round((retries.minutes_between or 0) * 60))
    return arguments


def _duration(seconds: int) -> Call:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds and seconds % size == 0:
            return Call("duration", keywords={unit: seconds // size})
    return Call("duration", keywords={"seconds": seconds})


def _function_name(dag_id: str) -> str:
    """Return the name of the DAG's function: its id in snake case."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", dag_id).lower()
    name = re.sub(r"[^a-z0-9_]", "_", words)
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"dag_{name}"


def _imports(
    decorator: str, arguments: list[Any], body: tuple[Task | Foreach, ...]
) -> dict[str, tuple[str, ...]]:
    """Return the names that a compiled file uses, sorted, by module."""
    used = {decorator}
    if any(isinstance(item, Foreach) for item in body):
        used.add("Foreach")
    tasks = [task for item in body for task in (item.body if isinstance(item, Foreach) else (item,))]
    used |= {task.operator for task in tasks}
    used |= _called([*arguments, *(task.arguments for task in tasks)])
    found = {module: tuple(sorted(used.intersection(names))) for module, names in MODULES.items()}
    return {module: names for module, names in found.items() if names}


def _called(value: Any) -> set[str]:
    """Return the functions that are called anywhere in a value."""
    match value:
        case Call():
            inside = [*value.positional, *value.keywords.values()]
            return {value.function.partition(".")[0]}.union(*map(_called, inside))
        case dict():
            return set[str]().union(*map(_called, value.values()))
        case list() | tuple():
            return set[str]().union(*map(_called, value))
    return set()
