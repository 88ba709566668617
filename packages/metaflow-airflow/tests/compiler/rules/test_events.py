"""Rules about events."""

import pytest
from flow_models import flow_of, only_problem
from metaflow_airflow.compiler.flow_model import Event, FlowParameter, ParameterType
from metaflow_airflow.compiler.rules.events import event_names, event_options, event_parameters

PARAMETERS = (FlowParameter("p", ParameterType.STRING),)


@pytest.mark.parametrize("name", [" ", "new\nline", "x" * 1501], ids=["blank", "line break", "too long"])
def test_event_names_finds_names_that_no_asset_can_have(name):
    assert "cannot be the name of an Airflow asset" in only_problem(
        event_names, flow_of(events=(Event(name),))
    )


def test_event_parameters_finds_a_parameter_that_the_flow_does_not_have():
    flow = flow_of(events=(Event("e", {"x": "field"}),))
    assert "'x', which is not a parameter" in only_problem(event_parameters, flow)


def test_event_parameters_finds_a_parameter_that_two_events_set():
    events = (Event("e", {"p": "field"}), Event("f", {"P": "field"}))
    assert "already set" in only_problem(event_parameters, flow_of(parameters=PARAMETERS, events=events))


def test_event_options_finds_options_of_other_schedulers():
    flow = flow_of(event_options=("@exit_hook(options={'image': …})",))
    assert "has no counterpart in Airflow" in only_problem(event_options, flow)
