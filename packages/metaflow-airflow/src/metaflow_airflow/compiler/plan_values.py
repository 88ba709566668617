"""Plan: parameters, resources and durations, as Airflow and Kubernetes write them."""

from typing import Any

from metaflow_airflow.compiler.dag_model import Call
from metaflow_airflow.compiler.flow_model import FlowParameter, ParameterType

UNITS = {"memory": "M", "disk": "M", "shared_memory": "Mi"}

# How Metaflow describes a file that it has uploaded. Anything else would be the name of a file on the worker,
# and whoever may start a run could read it.
FILE_PATTERN = "^[{]"


def param(parameter: FlowParameter, unasked: bool = False) -> Call:
    """Return the Airflow parameter with which a run is given a value.

    `unasked`: runs start by themselves, so Airflow wants a default of every parameter.
    """
    optional = parameter.default is None and (unasked or not parameter.required)
    keywords: dict[str, Any] = {}
    if parameter.type is not ParameterType.JSON:
        kind = "string" if parameter.type is ParameterType.FILE else parameter.type.value
        keywords["type"] = ["null", kind] if optional else kind
    if parameter.type is ParameterType.FILE:
        keywords["pattern"] = FILE_PATTERN
    if parameter.choices:
        keywords["enum"] = [*parameter.choices, *([None] if optional else [])]
    if parameter.help:
        keywords["description"] = parameter.help
    positional = (parameter.default,) if optional or parameter.default is not None else ()
    return Call("Param", positional, keywords)


def kubernetes_quantities(resources: dict[str, Any]) -> dict[str, Any]:
    """Return resources in Kubernetes quantities, with the units in which Metaflow counts them."""
    return {
        name: f"{_plain(value)}{UNITS[name]}" if name in UNITS else _plain(value)
        for name, value in resources.items()
    }


def duration(seconds: int) -> Call:
    """Return a time in the largest unit that holds it in whole numbers."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds and seconds % size == 0:
            return Call("duration", keywords={unit: seconds // size})
    return Call("duration", keywords={"seconds": seconds})


def _plain(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number
