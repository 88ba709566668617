"""Check: all problems of a flow are reported at once; what starts a flow does not matter for a task group."""

from dataclasses import replace

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.check import check_flow
from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.errors import UnsupportedFlow
from metaflow_airflow.compiler.flow_model import Event, FlowParameter, ParameterType, Schedule

DAG = Deployment("F", "f.py", "d.py")
GROUP = replace(DAG, task_group=True)
MISSING_FILE = FlowParameter("p", ParameterType.FILE, missing_file="no/such/file")
REQUIRED = FlowParameter("p", ParameterType.STRING, required=True)


def test_all_problems_are_reported_at_once():
    flow = flow_of(step_of(own_compute=("batch",)), parameters=(MISSING_FILE,), datastore="local")
    with pytest.raises(UnsupportedFlow) as caught:
        check_flow(flow, DAG)
    assert len(str(caught.value).strip().splitlines()) == 3


def test_problems_of_the_options_are_reported_with_those_of_the_flow():
    with pytest.raises(UnsupportedFlow, match=r"(?s)@batch.*--tag"):
        check_flow(flow_of(step_of(own_compute=("batch",))), replace(DAG, tags=("x" * 101,)))


@pytest.mark.parametrize(
    "start",
    [
        {"schedule": Schedule("@daily")},
        {"events": (Event("e"),)},
        {"events": (Event("e", {"unknown": "field"}),)},
        {"events": (Event("new\nline"),)},
    ],
    ids=["schedule", "event", "event parameter", "event name"],
)
def test_what_starts_a_flow_does_not_matter_for_a_task_group(start):
    flow = flow_of(step_of(), parameters=(REQUIRED,), **start)
    check_flow(flow, GROUP)
    with pytest.raises(UnsupportedFlow):
        check_flow(flow, DAG)


def test_the_other_rules_apply_to_a_task_group():
    with pytest.raises(UnsupportedFlow, match="@batch"):
        check_flow(flow_of(step_of(own_compute=("batch",))), GROUP)
