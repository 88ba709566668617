"""Rules about parameters."""

import pytest
from flow_models import flow_of, only_problem
from metaflow_airflow.compiler.flow_model import Event, FlowParameter, ParameterType, Schedule
from metaflow_airflow.compiler.rules.parameters import (
    included_files,
    parameter_names,
    required_parameters,
    single_values,
)

REQUIRED = FlowParameter("p", ParameterType.STRING, required=True)


def test_parameter_names_finds_names_that_differ_only_in_case():
    parameters = (FlowParameter("p", ParameterType.STRING), FlowParameter("P", ParameterType.STRING))
    assert "differs from 'p' only in case" in only_problem(parameter_names, flow_of(parameters=parameters))


def test_single_values_names_the_options_that_take_several():
    parameter = FlowParameter("p", ParameterType.STRING, click_options=("multiple", "nargs"))
    assert "multiple and nargs=" in only_problem(single_values, flow_of(parameters=(parameter,)))


def test_included_files_names_the_file_that_is_missing():
    parameter = FlowParameter("p", ParameterType.FILE, missing_file="no/such/file")
    assert "no readable file 'no/such/file'" in only_problem(included_files, flow_of(parameters=(parameter,)))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ({"schedule": Schedule("@daily")}, "a scheduled run has no value for it"),
        (
            {"schedule": Schedule("@daily"), "events": (Event("e", {"p": "field"}),)},
            "a scheduled run has no value for it",
        ),
        ({"events": (Event("e"),)}, "a run started by an event has no value for it"),
    ],
    ids=["schedule", "schedule and event", "event without the parameter"],
)
def test_required_parameters_finds_runs_that_start_without_a_value(start, expected):
    assert expected in only_problem(required_parameters, flow_of(parameters=(REQUIRED,), **start))
