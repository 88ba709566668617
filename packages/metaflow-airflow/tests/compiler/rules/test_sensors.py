"""Rules about sensors."""

import math

import pytest
from flow_models import flow_of, only_problem, step_of
from metaflow_airflow.compiler.flow_model import Sensor
from metaflow_airflow.compiler.rules.sensors import sensor_choices, sensor_names, sensor_times

PLAIN = {"timeout": 3600, "poke_interval": 60, "bucket_key": "s3://b/k"}


def flow_with(*sensors):
    return flow_of(step_of(), sensors=sensors)


def sensor(name=None, **arguments):
    return Sensor("airflow_s3_key_sensor", PLAIN | arguments, name)


@pytest.mark.parametrize("name", ["", "two words", "a/b", "x" * 251, "new\nline"])
def test_sensor_names_finds_what_is_no_task_id(name):
    assert "it is not a task id" in only_problem(sensor_names, flow_with(sensor(name)))


def test_sensor_names_finds_names_that_are_taken():
    assert "has this name" in only_problem(sensor_names, flow_with(sensor("start")))
    assert "has this name" in only_problem(sensor_names, flow_with(sensor("a"), sensor("b"), sensor("a")))


@pytest.mark.parametrize(
    "arguments",
    [
        {"timeout": -1},
        {"timeout": math.inf},
        {"timeout": "60"},
        {"poke_interval": 0},
        {"poke_interval": None},
    ],
)
def test_sensor_times_names_the_argument(arguments):
    (name,) = arguments
    problem = only_problem(sensor_times, flow_with(sensor(**arguments)))
    assert problem.startswith(
        f"@airflow_s3_key_sensor({name}={arguments[name]!r}): it is not a number of sec"
    )


def test_sensor_choices_finds_a_mode_that_does_not_exist():
    assert "there is no such mode" in only_problem(sensor_choices, flow_with(sensor(mode="asleep")))


def test_sensor_choices_finds_a_state_that_a_dag_never_has():
    of_dag = {"allowed_states": ["success", "skipped"], "failed_states": "up_for_retry"}
    assert "a DAG is never skipped or up_for_retry" in only_problem(
        sensor_choices, flow_with(sensor(**of_dag))
    )
    assert not list(sensor_choices(flow_with(sensor(external_task_ids=["t"], **of_dag))))
