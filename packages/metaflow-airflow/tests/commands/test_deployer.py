"""What Metaflow's Deployer generates a deployed flow from: its parameters and its branch."""

import pytest
from metaflow_airflow.commands.deployer import describe_parameters, project_options


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, "int"),
        ({"type": ["null", "number"]}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": ["null", "string"]}, "str"),
        ({}, "JSON"),
        ({"type": "object"}, "JSON"),
    ],
)
def test_a_parameter_keeps_its_type(schema, expected):
    assert describe_parameters({"p": {"schema": schema}})["p"]["type"] == expected


def test_a_parameter_gets_a_name_that_python_accepts():
    found = describe_parameters({"plain": {"schema": {}}, "with-dash": {"schema": {}}})
    assert [each["python_var_name"] for each in found.values()] == ["plain", "parameter_1"]


def test_a_name_that_would_be_code_is_left_out():
    assert describe_parameters({'p"); import os; ("': {"schema": {}}}) == {}


@pytest.mark.parametrize(
    ("branch", "options", "environment"),
    [
        (None, {}, {}),
        ("prod", {"production": True}, {}),
        ("prod.next", {"production": True, "branch": "next"}, {}),
        ("test.try_1", {"branch": "try_1"}, {}),
        ("user.ann", {}, {"METAFLOW_OWNER": "ann"}),
    ],
)
def test_options_select_the_branch_of_the_project(branch, options, environment):
    assert project_options(branch) == (options, environment)
