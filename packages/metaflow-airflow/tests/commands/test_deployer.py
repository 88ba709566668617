"""What Metaflow's Deployer generates a deployed flow from: its parameters and its branch."""

import pytest
from metaflow.runner.deployer import generate_fake_flow_file_contents
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


@pytest.mark.parametrize("name", ["plain", "with-dash", "class", "start", "Parameter"])
def test_a_parameter_of_any_name_gives_valid_python(name):
    text = generate_fake_flow_file_contents("F", describe_parameters({name: {"schema": {}}}))
    assert f"    parameter_0 = Parameter('{name}', type=JSONType" in text
    compile(text, "flow.py", "exec")


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
