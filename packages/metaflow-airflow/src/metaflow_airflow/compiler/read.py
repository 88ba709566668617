"""Read: Metaflow's objects become a FlowModel. No later stage touches Metaflow."""

import inspect
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from metaflow.plugins.timeout_decorator import TimeoutDecorator

from metaflow_airflow.compiler.flow_model import (
    VIRTUAL_ENVIRONMENTS,
    FlowModel,
    Place,
    Retries,
    Schedule,
    Step,
    StepType,
)
from metaflow_airflow.compiler.read_events import (
    read_event_options,
    read_events,
    read_exit_hooks,
    success_event,
)
from metaflow_airflow.compiler.read_parameters import read_parameter
from metaflow_airflow.compiler.read_pod import read_pod, read_resources

# Decorators that need not be added again where a step runs: what `@kubernetes` says is said to Airflow, its
# words being full of this machine's settings; the others' packages are resolved when the flow is compiled.
SAID_OTHERWISE = ("kubernetes", "conda", "pypi")


def read_flow(flow: Any, graph: Any, file: str, environment: Any, datastore: str) -> FlowModel:
    """Return the model of a flow.

    `flow` and `graph` are Metaflow's FlowSpec and FlowGraph, their decorators initialized; `file` is the
    flow's file; `environment` is Metaflow's object and `datastore` the type that its command line chose.
    """
    virtual = _read_virtual_environments(flow, environment)
    return FlowModel(
        name=graph.name,
        file=file,
        doc=inspect.cleandoc(flow.__doc__ or ""),
        steps=tuple(
            replace(_read_step(graph, node), virtual_environment=virtual.get(node.name))
            for node in _in_definition_order(graph)
        ),
        first_step=graph.start_step,
        parameters=tuple(
            read_parameter(parameter)
            for parameter in _in_written_order(flow)
            if not parameter.IS_CONFIG_PARAMETER
        ),
        schedule=_read_schedule(flow),
        events=read_events(flow),
        event_options=read_event_options(flow),
        success_event=success_event(graph.name),
        exit_hooks=read_exit_hooks(flow),
        environment=environment.TYPE,
        datastore=datastore,
    )


def _in_written_order(flow: Any) -> list[Any]:
    """Return the flow's parameters as its class lists them; Metaflow sorts them by name."""
    attributes = [name for base in reversed(type(flow).__mro__) for name in vars(base)]
    found = sorted(flow._get_parameters(), key=lambda item: attributes.index(item[0]))
    return [parameter for _, parameter in found]


def _in_definition_order(graph: Any) -> list[Any]:
    return sorted(graph, key=lambda node: (node.source_file or "", node.func_lineno))


def _read_step(graph: Any, node: Any) -> Step:
    by_name = {decorator.name: decorator for decorator in node.decorators}
    parents = list(node.split_parents)
    joins = parents.pop() if node.type == "join" and parents else None
    return Step(
        name=node.name,
        type=_step_type(node),
        place=Place(Path(node.source_file).name, node.func_lineno),
        follows=tuple(name for name in _step_names(graph) if name in node.in_funcs),
        leads_to=tuple(name for name in node.out_funcs if name != node.name),
        doc=inspect.cleandoc(node.doc or ""),
        foreach_scope=tuple(name for name in parents if _step_type(graph[name]) is StepType.FOREACH),
        joins=joins,
        repeats=node.name in node.out_funcs,
        parallel=node.parallel_step,
        retries=_read_retries(node.decorators, by_name),
        timeout_seconds=_read_timeout(node.decorators),
        environment=_read_environment(by_name),
        resources=read_resources(by_name),
        pod=read_pod(by_name),
        added_decorators=tuple(
            decorator.make_decorator_spec()
            for decorator in node.decorators
            if not decorator.statically_defined
            and decorator.inserted_by is None
            and decorator.name not in SAID_OTHERWISE
        ),
        own_compute=tuple(
            decorator.name
            for decorator in node.decorators
            # What every decorator that starts a step elsewhere says, `@kubernetes` and `@batch` included.
            if getattr(decorator, "supports_conda_environment", False) and decorator.name != "kubernetes"
        ),
    )


def _step_type(node: Any) -> StepType:
    return StepType.LINEAR if node.type == "start" or node.parallel_foreach else StepType(node.type)


def _step_names(graph: Any) -> list[str]:
    return [node.name for node in _in_definition_order(graph)]


def _read_retries(decorators: Iterable[Any], by_name: dict[str, Any]) -> Retries:
    """Reduce all decorators' wishes as Metaflow's own scheduler does: the largest of each kind counts."""
    wishes = [decorator.step_task_retry_count() for decorator in decorators]
    counts = [(user, error) for user, error in wishes if user is not None and error is not None]
    user_code = max((user for user, _ in counts), default=0)
    fallback = max((error for _, error in counts), default=0)
    retry = by_name.get("retry")
    minutes = float(retry.attributes["minutes_between_retries"]) if retry else None
    return Retries(user_code, user_code + fallback, minutes)


def _read_timeout(decorators: Iterable[Any]) -> int | None:
    return next((found.secs for found in decorators if isinstance(found, TimeoutDecorator)), None)


def _read_environment(by_name: dict[str, Any]) -> dict[str, str]:
    decorator = by_name.get("environment")
    variables = decorator.attributes["vars"] if decorator else {}
    return {name: str(value) for name, value in sorted(variables.items())}


def _read_virtual_environments(flow: Any, environment: Any) -> dict[str, str]:
    """Return Metaflow's id of the packages of each step that has some of its own, by the step's name."""
    if environment.TYPE not in VIRTUAL_ENVIRONMENTS:
        return {}
    found = {step.name: environment.get_environment(step).get("id_") for step in flow}
    return {name: id_ for name, id_ in found.items() if id_}


def _read_schedule(flow: Any) -> Schedule | None:
    decorators = flow._flow_decorators.get("schedule")
    if not decorators:
        return None
    attributes = decorators[0].attributes
    if attributes["cron"]:
        return Schedule(_unix_cron(attributes["cron"]), attributes["timezone"])
    preset = next((name for name in ("weekly", "hourly", "daily") if attributes[name]), None)
    return Schedule(f"@{preset}", attributes["timezone"]) if preset else None


def _unix_cron(expression: str) -> str:
    """Return the five fields of Unix cron; Metaflow's documented form, of AWS, has a sixth and a `?`."""
    return " ".join(expression.split()[:5]).replace("?", "*")
