"""Plan: the steps of a flow as tasks and groups, in the order in which a file lists them."""

import builtins
import keyword
from collections.abc import Iterable
from typing import Any

from metaflow_airflow.compiler.conditions import runs_without_some_input, steps_that_end_last
from metaflow_airflow.compiler.dag_model import Call, Foreach, Task, Variable
from metaflow_airflow.compiler.flow_model import FlowModel, Retries, Step, StepType
from metaflow_airflow.compiler.plan_values import duration, kubernetes_quantities

# The step's own alarm ends it, so that @catch can see it; Airflow's timeout is for a process that does not
# react, and leaves room for starting it.
TIMEOUT_GRACE_SECONDS = 60


def plan_body(flow: FlowModel, taken: set[str], *, in_group: bool) -> tuple[Task | Foreach, ...]:
    """Return the tasks and groups that run a flow; no variable has a name that is `taken`.

    `in_group`: they are in a task group, whose function has the values of the flow's parameters.
    """
    return tuple(_Planner(flow, taken, in_group).body())


class _Planner:
    """Walks the flow from its first step and gives every step and group a name."""

    def __init__(self, flow: FlowModel, taken: set[str], in_group: bool) -> None:
        self._flow = flow
        self._in_group = in_group
        self._taken = set(dir(builtins)) | taken
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
        group_id = self._task_id(f"each_{tasks[0].arguments['task_id']}")
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
            arguments["execution_timeout"] = duration(step.timeout_seconds + TIMEOUT_GRACE_SECONDS)
        if compute := kubernetes_quantities(step.resources):
            arguments["compute"] = compute
        if step.pod:
            arguments["pod"] = step.pod
        if step.environment:
            arguments["env"] = step.environment
        if step.virtual_environment:
            arguments["virtual_environment"] = step.virtual_environment
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
        hooks = self._flow.exit_hooks
        if hooks is None:
            return []
        arguments: dict[str, Any] = {
            "task_id": self._task_id("exit_hook"),
            "inputs": [Variable(self._names[name]) for name in steps_that_end_last(self._flow)],
        }
        arguments |= {"on_success": list(hooks.on_success)} if hooks.on_success else {}
        arguments |= {"on_error": list(hooks.on_error)} if hooks.on_error else {}
        return [Task(None, arguments, operator="ExitHookOperator")]

    def _task_id(self, wanted: str) -> str:
        """Return an id that no step has."""
        while wanted in self._names:
            wanted += "_"
        return wanted

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
    arguments["retry_delay"] = duration(round((retries.minutes_between or 0) * 60))
    return arguments
