"""Plan: a FlowModel becomes a DagModel. All judgement about what Airflow should do is here."""

import builtins
import keyword
import re
from dataclasses import dataclass
from typing import Any

from metaflow_airflow.compiler.dag_model import Call, DagModel, MappedGroup, Task, Variable
from metaflow_airflow.compiler.flow_model import (
    FlowModel,
    FlowParameter,
    ParameterType,
    Retries,
    Schedule,
    Step,
    StepType,
)

# Names that the compiled file uses itself, so that no step's variable may take them.
FILE_NAMES = {"FLOW", "Flow", "Param", "StepOperator", "dag", "datetime", "duration", "split", "task_group"}

# The step's own alarm ends it, so that @catch can see it; Airflow's timeout is for a process that does not
# react, and leaves room for starting it.
TIMEOUT_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the command line says about a DAG, beyond the flow itself.

    `package` is the code package's path below the datastore root; `source` and `target` are the files of
    the flow and the DAG, relative, as the header names them.
    """

    dag_id: str
    package: str
    source: str
    target: str
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    max_workers: int | None = None
    workflow_timeout: int | None = None
    worker_pool: str | None = None
    paused: bool = False


def plan_dag(flow: FlowModel, deployment: Deployment) -> DagModel:
    """Return the DAG that runs the flow."""
    function = _function_name(deployment.dag_id)
    body = _Planner(flow, taken={function}).block(flow.first_step, ())
    arguments = _dag_arguments(flow, deployment)
    return DagModel(
        title=flow.name,
        doc=flow.doc,
        source=deployment.source,
        target=deployment.target,
        flow=_flow_call(flow, deployment),
        function=function,
        arguments=arguments,
        body=body,
        sdk_imports=_sdk_imports(flow),
        pendulum_imports=_pendulum_imports(arguments, body),
    )


def _flow_call(flow: FlowModel, deployment: Deployment) -> Call:
    keywords: dict[str, Any] = {"name": flow.name, "file": flow.file, "package": deployment.package}
    if deployment.tags:
        keywords["tags"] = deployment.tags
    if deployment.namespace is not None:
        keywords["namespace"] = deployment.namespace
    return Call("Flow", keywords=keywords)


def _dag_arguments(flow: FlowModel, deployment: Deployment) -> dict[str, Any]:
    defaults: dict[str, Any] = {"flow": Variable("FLOW")}
    if deployment.worker_pool:
        defaults["pool"] = deployment.worker_pool
    arguments: dict[str, Any] = {"dag_id": deployment.dag_id}
    arguments |= _schedule_arguments(flow.schedule)
    if flow.schedule and deployment.workflow_timeout:
        arguments["dagrun_timeout"] = _duration(deployment.workflow_timeout)
    if deployment.max_workers:
        arguments["max_active_tasks"] = deployment.max_workers
    if deployment.paused:
        arguments["is_paused_upon_creation"] = True
    if flow.parameters:
        arguments["params"] = {parameter.name: _param(parameter) for parameter in flow.parameters}
    arguments["default_args"] = defaults
    arguments["tags"] = sorted({"metaflow", *deployment.tags})
    arguments["doc_md"] = Variable("__doc__")
    return arguments


def _schedule_arguments(schedule: Schedule | None) -> dict[str, Any]:
    if schedule is None:
        return {}
    # Any fixed day in the past will do: it is where the schedule's time zone is said, and it must not change.
    start = Call("datetime", (2026, 1, 1), {"tz": schedule.timezone or "UTC"})
    return {"schedule": schedule.cron, "start_date": start}


def _param(parameter: FlowParameter) -> Call:
    has_default = parameter.default is not None
    keywords: dict[str, Any] = {}
    if parameter.type is not ParameterType.JSON:
        kind = parameter.type.value
        keywords["type"] = kind if has_default or parameter.required else ["null", kind]
    if parameter.help:
        keywords["description"] = parameter.help
    positional = (parameter.default,) if has_default or not parameter.required else ()
    return Call("Param", positional, keywords)


class _Planner:
    """Walks the flow from its first step and gives every step and group a variable."""

    def __init__(self, flow: FlowModel, taken: set[str]) -> None:
        self._flow = flow
        self._taken = FILE_NAMES | set(dir(builtins)) | taken
        self._names = {step.name: self._name(step.name) for step in flow.steps}
        self._groups: dict[str, str] = {}  # the variable of a foreach step's group

    def block(self, first: str, scope: tuple[str, ...]) -> tuple[Task | MappedGroup, ...]:
        """Return what starts at a step and stays within a foreach scope, in reading order."""
        found: list[Task | MappedGroup] = []
        ready, done = [first], set[str]()
        while ready:
            step = self._flow.step(ready.pop())
            done.add(step.name)
            found.append(self._task(step))
            following = list(step.leads_to)
            if step.type is StepType.FOREACH:
                found.append(self._group(step, (*scope, step.name)))
                following = [join.name for join in self._flow.steps if join.joins == step.name]
                done.update(inner.name for inner in self._flow.steps if step.name in inner.foreach_scope)
            nexts = [self._flow.step(name) for name in following]
            # Last in, first out, so that a branch is written whole before the next one.
            ready += [
                step.name
                for step in reversed(nexts)
                if step.foreach_scope == scope and done.issuperset(step.follows)
            ]
        return tuple(found)

    def _group(self, foreach: Step, scope: tuple[str, ...]) -> MappedGroup:
        first = foreach.leads_to[0]
        function = self._name(f"each_{first}")
        over = self._names[foreach.name]
        body = self.block(first, scope)
        name = self._groups[foreach.name] = self._name(foreach.foreach_over or f"{function}_group")
        return MappedGroup(name, function, over, body)

    def _task(self, step: Step) -> Task:
        arguments: dict[str, Any] = {"task_id": step.name}
        if step.follows:
            arguments["inputs"] = self._inputs(step)
        if step.foreach_scope:
            arguments["split"] = Variable("split")
        if step.type is StepType.FOREACH:
            arguments["foreach"] = True
        arguments |= _retry_arguments(step.retries)
        if step.timeout_seconds is not None:
            arguments["execution_timeout"] = _duration(step.timeout_seconds + TIMEOUT_GRACE_SECONDS)
        if compute := _compute(step.resources):
            arguments["compute"] = compute
        if step.environment:
            arguments["env"] = step.environment
        if step.added_decorators:
            arguments["decorators"] = list(step.added_decorators)
        if step.doc:
            arguments["doc_md"] = step.doc
        return Task(self._names[step.name] if self._is_referred_to(step) else None, arguments)

    def _is_referred_to(self, step: Step) -> bool:
        """Return whether the file names the step's variable again: as an input, or to expand a group over."""
        followers = [follower for follower in self._flow.steps if step.name in follower.follows]
        return any(
            follower.foreach_scope[: len(step.foreach_scope)] == step.foreach_scope for follower in followers
        )

    def _inputs(self, step: Step) -> list[Variable]:
        joined = step.joins and self._flow.step(step.joins)
        if joined and joined.type is StepType.FOREACH:
            return [Variable(self._groups[joined.name])]
        return [Variable(self._names[name]) for name in step.follows]

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


def _compute(resources: dict[str, Any]) -> dict[str, Any]:
    """Return resources in Kubernetes quantities; Metaflow counts memory and disk in megabytes."""
    found: dict[str, Any] = {}
    for name, value in resources.items():
        number = float(value)
        found[name] = f"{value}M" if name in ("memory", "disk", "shared_memory") else _plain(number)
    return found


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number


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


def _sdk_imports(flow: FlowModel) -> tuple[str, ...]:
    names = ["Param"] if flow.parameters else []
    names.append("dag")
    if any(step.type is StepType.FOREACH for step in flow.steps):
        names.append("task_group")
    return tuple(names)


def _pendulum_imports(arguments: dict[str, Any], body: tuple[Task | MappedGroup, ...]) -> tuple[str, ...]:
    values = [*arguments.values()]
    pending = list(body)
    while pending:
        item = pending.pop()
        if isinstance(item, MappedGroup):
            pending += item.body
        else:
            values += item.arguments.values()
    called = {value.function for value in values if isinstance(value, Call)}
    return tuple(name for name in ("datetime", "duration") if name in called)
