"""Plan sensors: Metaflow's decorators for Airflow become Airflow's sensors, which wait in the triggerer."""

import re
from datetime import timedelta
from typing import Any

from metaflow_airflow.compiler.flow_model import Sensor
from metaflow_airflow.compiler.plan_values import duration

# By decorator, the sensor's class and the id of its task.
SENSORS = {
    "airflow_external_task_sensor": ("ExternalTaskSensor", "external_task_sensor"),
    "airflow_s3_key_sensor": ("S3KeySensor", "s3_key_sensor"),
}
# What Airflow's classes have for arguments that are not given. Those of Metaflow's decorators are different.
AIRFLOW_DEFAULTS = {
    "poke_interval": 60,
    "mode": "poke",
    "exponential_backoff": False,
    "pool": None,
    "soft_fail": False,
    "doc_md": None,
    "bucket_name": None,
    "wildcard_match": False,
    "aws_conn_id": "aws_default",
    "verify": None,
    "external_task_ids": None,
    "allowed_states": ["success"],
    "failed_states": None,
    "execution_delta": None,
    "check_existence": False,
}
OF_EVERY_SENSOR = ("timeout", "poke_interval", "mode", "exponential_backoff", "pool", "soft_fail", "doc_md")
LISTS = ("allowed_states", "failed_states", "external_task_ids")  # Metaflow takes a single text, too


def sensor_arguments(sensor: Sensor, task_id: str) -> dict[str, Any]:
    """Return the arguments of a sensor's operator, those that differ from the operator's defaults."""
    given = {name: _planned(name, value) for name, value in sensor.arguments.items()}
    given["doc_md"] = given.pop("description")
    ordered = {name: given[name] for name in sorted(given, key=OF_EVERY_SENSOR.__contains__)}
    differing = {
        name: value
        for name, value in ordered.items()
        if name not in AIRFLOW_DEFAULTS or value != AIRFLOW_DEFAULTS[name]
    }
    return {"task_id": task_id, **differing, "deferrable": True}


def variable_of(task_id: str) -> str:
    """Return a variable's name for a task id that the author chose."""
    name = re.sub(r"\W", "_", task_id)
    return name if name.isidentifier() else f"sensor_{name}"


def _planned(name: str, value: Any) -> Any:
    match value:
        case timedelta():
            seconds = value.total_seconds()
            return duration(int(seconds) if seconds.is_integer() else seconds)
        case str() if name in LISTS:
            return [value]
        case tuple() | set() | frozenset():
            return sorted(value) if isinstance(value, set | frozenset) else list(value)
    return value
