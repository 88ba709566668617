"""Read sensors: what a flow waits for before its first step, by Metaflow's decorators for Airflow."""

from typing import Any

from metaflow.plugins.airflow.sensors import SUPPORTED_SENSORS

from metaflow_airflow.compiler.flow_model import Sensor

# How a sensor occupies a worker while it waits. A deferrable one does not, so only what is written counts.
OF_WORKERS = ("mode", "exponential_backoff")


def read_sensors(flow: Any) -> tuple[Sensor, ...]:
    """Return the sensors of a flow, sorted by decorator and then as written."""
    names = sorted(kind.name for kind in SUPPORTED_SENSORS)
    return tuple(
        _read_sensor(decorator)
        for name in names
        for decorator in reversed(flow._flow_decorators.get(name) or [])  # Python applies the last one first
    )


def _read_sensor(decorator: Any) -> Sensor:
    arguments = {
        name: value
        for name, value in decorator.attributes.items()
        if name not in OF_WORKERS or name in decorator._user_defined_attributes
    }
    return Sensor(decorator.name, arguments, arguments.pop("name"))
