"""The type and default of a parameter in Airflow; defaults that Airflow cannot store are left to the flow."""

import datetime

import pytest
from metaflow import JSONType, Parameter
from metaflow._vendor import click
from metaflow_airflow.compiler.flow_model import ParameterType
from metaflow_airflow.compiler.read_parameters import read_parameter

MOMENT = datetime.date(2026, 1, 31)


def read(**options):
    parameter = Parameter("p", **options)
    parameter.init()
    return read_parameter(parameter)


@pytest.mark.parametrize(
    ("options", "kind", "default"),
    [
        ({}, ParameterType.STRING, None),
        ({"default": "x"}, ParameterType.STRING, "x"),
        ({"default": 3}, ParameterType.INTEGER, 3),
        ({"default": "12", "type": int}, ParameterType.INTEGER, 12),
        ({"default": 1, "type": float}, ParameterType.NUMBER, 1.0),
        ({"default": float("nan")}, ParameterType.NUMBER, None),
        ({"default": "1e400", "type": float}, ParameterType.NUMBER, None),
        ({"default": 2**53 - 1}, ParameterType.INTEGER, 2**53 - 1),
        ({"default": 2**53 + 1}, ParameterType.INTEGER, None),
        ({"default": -(2**70)}, ParameterType.INTEGER, None),
        ({"default": {"a": [2**70]}, "type": JSONType}, ParameterType.JSON, None),
        ({"default": '[{"a": 1e400}]', "type": JSONType}, ParameterType.JSON, None),
        ({"default": {"\ud800": 1}, "type": JSONType}, ParameterType.JSON, None),
        ({"default": "\ud800"}, ParameterType.STRING, None),
        ({"default": "\0"}, ParameterType.STRING, None),
        ({"default": "yes", "type": bool}, ParameterType.BOOLEAN, True),
        ({"default": 5, "type": str}, ParameterType.STRING, None),
        ({"default": '{"a": [1, null]}', "type": JSONType}, ParameterType.JSON, {"a": [1, None]}),
        ({"default": {"a": {1: 2}}, "type": JSONType}, ParameterType.JSON, None),
        ({"default": {"a": MOMENT}, "type": JSONType}, ParameterType.JSON, None),
        ({"default": 4, "type": click.IntRange(0, 9)}, ParameterType.INTEGER, 4),
        ({"default": MOMENT, "type": datetime.date.fromisoformat}, ParameterType.STRING, None),
        ({"default": "2026-01-31", "type": click.DateTime()}, ParameterType.STRING, "2026-01-31"),
    ],
)
def test_types_and_defaults(options, kind, default):
    found = read(**options)
    assert (found.type, found.default, type(found.default)) == (kind, default, type(default))


@pytest.mark.parametrize(("sensitive", "choices"), [(True, ("a", "b")), (False, ())])
def test_choices_are_known_unless_metaflow_accepts_other_cases_too(sensitive, choices):
    assert read(type=click.Choice(["a", "b"], case_sensitive=sensitive)).choices == choices


def test_a_parameter_with_a_default_is_not_required():
    assert not read(default="x", required=True).required
    assert read(required=True).required


@pytest.mark.parametrize("option", [{"multiple": True}, {"nargs": 2}, {"is_flag": True}, {"count": True}])
def test_options_that_take_no_value_or_several_are_noted(option):
    assert read(**option).click_options == tuple(option)
