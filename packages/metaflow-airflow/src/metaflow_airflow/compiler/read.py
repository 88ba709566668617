"""Read: Metaflow's objects become a FlowModel; of the later stages, only `save` uses Metaflow."""

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
from metaflow_airflow.compiler.read_decorators import read_command_options, read_decorator
from metaflow_airflow.compiler.read_events import (
    read_event_options,
    read_events,
    read_exit_hooks,
    success_event,
)
from metaflow_airflow.compiler.read_parameters import read_parameter
from metaflow_airflow.compiler.read_pod import read_pod, read_resources
from metaflow_airflow.compiler.read_sensors import read_sensors

# Decorators that --with does not add again where a step runs. The operator has the arguments of `@kubernetes`
# (without this machine's settings); the packages of the others are resolved when the flow is compiled.
COMPILED_DECORATORS = ("kubernetes", "conda", "pypi")


def read_flow(state: Any, file: str) -> FlowModel:
    """Return the model of a flow.

    Args:
        state: The object of Metaflow's command line, its flow's decorators initialized.
        file: The name of the flow's file.
    """
    flow, graph, environment = state.flow, state.graph, state.environment
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
            for parameter in _in_class_order(flow)
            if not parameter.IS_CONFIG_PARAMETER
        ),
        schedule=_read_schedule(flow),
        events=read_events(flow),
        event_options=read_event_options(flow),
        sensors=read_sensors(flow),
        success_event=success_event(graph.name),
        exit_hooks=read_exit_hooks(flow),
        decorators=tuple(
            read_decorator(decorator) for used in flow._flow_decorators.values() for decorator in used
        ),
        command_options=read_command_options(state),
        environment=environment.TYPE,
        datastore=state.flow_datastore.TYPE,
    )


def _in_class_order(flow: Any) -> list[Any]:
    """Return the flow's parameters in the order of their definition; Metaflow sorts them by name."""
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
            and decorator.name not in COMPILED_DECORATORS
        ),
        own_compute=tuple(
            decorator.name
            for decorator in node.decorators
            # Every decorator that starts a step on another system has this, `@kubernetes` and `@batch` too.
            if getattr(decorator, "supports_conda_environment", False) and decorator.name != "kubernetes"
        ),
        decorators=tuple(map(read_decorator, node.decorators)),
    )


def _step_type(node: Any) -> StepType:
    return StepType.LINEAR if node.type == "start" or node.parallel_foreach else StepType(node.type)


def _step_names(graph: Any) -> list[str]:
    return [node.name for node in _in_definition_order(graph)]


def _read_retries(decorators: Iterable[Any], by_name: dict[str, Any]) -> Retries:
    """Merge the retry counts of all decorators as Metaflow's own scheduler does: the largest of each kind."""
    counts = [count for each in decorators if None not in (count := each.step_task_retry_count())]
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
    """Return, by step, Metaflow's id of the packages that the step requests."""
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
        return Schedule(unix_cron(attributes["cron"]), attributes["timezone"])
    preset = next((name for name in ("weekly", "hourly", "daily") if attributes[name]), None)
    return Schedule(f"@{preset}", attributes["timezone"]) if preset else None


def unix_cron(expression: str) -> str:
    """Return the five fields of Unix cron; the AWS form, which Metaflow documents, has a sixth and `?`."""
    return " ".join(expression.split()[:5]).replace("?", "*")
