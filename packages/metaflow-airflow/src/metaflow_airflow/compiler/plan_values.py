"""Plan values: parameters, resources and durations as Airflow and Kubernetes express them."""

from typing import Any

from metaflow_airflow.compiler.dag_model import Call
from metaflow_airflow.compiler.flow_model import FlowParameter, ParameterType
from metaflow_airflow.included_files import FILE_PATTERN

UNITS = {"memory": "M", "disk": "M", "shared_memory": "Mi"}


def param(parameter: FlowParameter, starts_itself: bool = False) -> Call:
    """Return Airflow's Param for a parameter.

    Args:
        parameter: The flow's parameter.
        starts_itself: Events start the flow, so Airflow requires a default for every parameter.
    """
    optional = parameter.default is None and (starts_itself or not parameter.required)
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
    """Return resources as Kubernetes quantities, in Metaflow's units."""
    return {
        name: f"{_plain(value)}{UNITS[name]}" if name in UNITS else _plain(value)
        for name, value in resources.items()
    }


def duration(seconds: float) -> Call:
    """Return a duration in the largest unit that makes it a whole number."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds and seconds % size == 0:
            return Call("duration", keywords={unit: seconds // size})
    return Call("duration", keywords={"seconds": seconds})


def _plain(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number
