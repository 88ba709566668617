"""Sensors before the first step: their ids, and the forms of arguments that Metaflow takes."""

from datetime import timedelta

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.dag_model import Call, Variable
from metaflow_airflow.compiler.flow_model import Sensor
from metaflow_airflow.compiler.plan_body import plan_body
from metaflow_airflow.compiler.plan_sensors import sensor_arguments

S3 = {"bucket_key": "k", "description": None}


def test_ids_and_variables_are_unique():
    steps = (step_of("s3_key_sensor", leads_to=("end",)), step_of("end", follows=("s3_key_sensor",)))
    names = ["s3_key_sensor_2", None, "1-2", "1.2", None]
    sensors = tuple(Sensor("airflow_s3_key_sensor", S3, name) for name in names)
    *tasks, start, _ = plan_body(flow_of(*steps, sensors=sensors), set(), task_group=False)
    ids = ["s3_key_sensor_2", "s3_key_sensor_3", "1-2", "1.2", "s3_key_sensor_4"]
    assert [task.arguments["task_id"] for task in tasks] == ids
    variables = ["s3_key_sensor_2", "s3_key_sensor_3", "sensor_1_2", "sensor_1_2_", "s3_key_sensor_4"]
    assert start.arguments["wait_for"] == [Variable(name) for name in variables]


@pytest.mark.parametrize(
    ("name", "given", "planned"),
    [
        ("failed_states", "failed", ["failed"]),
        ("failed_states", ("failed", "skipped"), ["failed", "skipped"]),
        ("external_task_ids", {"b", "a"}, ["a", "b"]),
        ("execution_delta", timedelta(minutes=90), Call("duration", keywords={"minutes": 90})),
        ("execution_delta", timedelta(seconds=0.5), Call("duration", keywords={"seconds": 0.5})),
        ("bucket_key", ["a", "b"], ["a", "b"]),
    ],
)
def test_arguments_are_as_airflow_wants_them(name, given, planned):
    sensor = Sensor("airflow_external_task_sensor", {"description": None, name: given})
    assert sensor_arguments(sensor, "t")[name] == planned
