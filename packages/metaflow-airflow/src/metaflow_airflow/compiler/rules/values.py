"""Rules about values: Airflow stores everything that a DAG file contains."""

import json
from collections.abc import Iterator
from typing import Any

from metaflow_airflow.compiler.flow_model import FlowModel, FlowParameter, Step
from metaflow_airflow.compiler.rules.rule import LONGEST_SECONDS, Problem, place_of, rule
from metaflow_airflow.exact_values import change_by_airflow


@rule
def storable(flow: FlowModel) -> Iterator[Problem]:
    """A value that Airflow cannot store stops its DAG processor, not only the import of the file."""
    yield from _problems(f"flow {flow.name} ({flow.file})", {"its docstring": flow.doc, **_start_of(flow)})
    for parameter in flow.parameters:
        yield from _problems(f"parameter {parameter.name!r}", _parts_of_parameter(parameter))
    for step in flow.steps:
        yield from _problems(place_of(step), _parts_of_step(step))


@rule
def durations(flow: FlowModel) -> Iterator[Problem]:
    """Airflow computes with the durations of a step, so they must not leave the calendar."""
    for step in flow.steps:
        given = {
            "@timeout": step.timeout_seconds or 0,
            "@retry(minutes_between_retries=)": (step.retries.minutes_between or 0) * 60,
        }
        for name, seconds in given.items():
            if not 0 <= seconds <= LONGEST_SECONDS:
                yield Problem(place_of(step), f"{name} is not between 0 and 100 years", "change it")


def _problems(where: str, parts: dict[str, Any]) -> Iterator[Problem]:
    for name, value in parts.items():
        # As JSON has it: a list for a tuple, a text for what JSON does not know.
        if reason := change_by_airflow(json.loads(json.dumps(value, default=repr))):
            yield Problem(where, f"Airflow cannot store {name}: {reason}", "change it")


def _start_of(flow: FlowModel) -> dict[str, Any]:
    hooks = flow.exit_hooks
    return {
        "what @trigger maps": flow.event_parameters(),
        "its exit hooks": [*hooks.on_success, *hooks.on_error] if hooks else [],
        **{f"@{sensor.decorator}": [sensor.name, sensor.arguments] for sensor in flow.sensors},
    }


def _parts_of_parameter(parameter: FlowParameter) -> dict[str, Any]:
    return {"its help": parameter.help, "its choices": parameter.choices}


def _parts_of_step(step: Step) -> dict[str, Any]:
    return {
        "its docstring": step.doc,
        "@environment": step.environment,
        "@resources": step.resources,
        "@kubernetes": step.pod,
        "--with": step.added_decorators,
    }
