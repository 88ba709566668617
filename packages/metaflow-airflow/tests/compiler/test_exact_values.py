"""What Airflow can store; other defaults are left to the flow, and the compiled file still imports."""

import math

import pytest
from flow_models import flow_of, step_of
from metaflow import JSONType, Parameter
from metaflow_airflow.compiler.read_parameters import read_parameter
from metaflow_airflow.exact_values import change_by_airflow
from stored_dags import compiled, stored_dag

NESTED = {"a": []}
for _ in range(5_000):
    NESTED = {"a": [NESTED]}


def stored_default(folder, **options):
    """Return the default of a parameter as Airflow stores it."""
    parameter = Parameter("p", **options)
    parameter.init()
    text = compiled(flow_of(step_of(), parameters=(read_parameter(parameter),)))
    return stored_dag(text, folder).params["p"]


@pytest.mark.parametrize(
    "options",
    [
        {"default": 2**70},
        {"default": -(2**63) - 1},
        {"default": 2**53 + 1},  # the trigger form would round it
        {"default": str(2**70), "type": int},
        {"default": -math.inf},
        {"default": math.nan},
        {"default": "1e400", "type": float},
        {"default": [1, {"deep": [2**70]}], "type": JSONType},
        {"default": "[NaN]", "type": JSONType},
        {"default": {"\ud800": math.inf}, "type": JSONType},
        {"default": "\ud800"},
        {"default": "\0"},
    ],
    ids=repr,
)
def test_a_default_that_airflow_cannot_store_is_left_to_the_flow_and_the_file_imports(options, tmp_path):
    assert stored_default(tmp_path, **options) is None


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 1e308, -0.0, 5e-324, 1e22])
def test_other_numbers_are_stored_as_they_are(number, tmp_path):
    found = stored_default(tmp_path, default=number)
    assert (repr(found), type(found)) == (repr(number), type(number))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (2**63 - 1, None),
        (-(2**63), None),
        (2**63, "at most 64 bits"),
        (math.nan, "finite"),
        ([[{"x": math.inf}]], "finite"),
        ("\udcff", "Unicode"),
        ({"\ud800": 1}, "Unicode"),
        ({1: 2}, "the names in JSON are texts"),
        ((1, 2), "no such value"),
        (NESTED, "at most 100 levels"),
    ],
    ids=range(10),
)
def test_the_reason_why_a_value_would_not_arrive_is_known(value, reason):
    found = change_by_airflow(value)
    assert found is None if reason is None else reason in found
