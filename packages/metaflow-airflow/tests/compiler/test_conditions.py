"""Which steps can run although an input was skipped, and which end last."""

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.conditions import runs_without_some_input, steps_that_end_last
from metaflow_airflow.compiler.flow_model import StepType

SWITCH = flow_of(
    step_of("start", StepType.SWITCH, leads_to=("left", "right", "merge")),
    step_of("left", follows=("start",), leads_to=("after_left",)),
    step_of("after_left", follows=("left",), leads_to=("merge",)),
    step_of("right", follows=("start",), leads_to=("merge",)),
    step_of("merge", follows=("start", "after_left", "right"), leads_to=("end",)),
    step_of("end", StepType.END, follows=("merge",)),
)
SPLIT = flow_of(
    step_of("start", StepType.SPLIT, leads_to=("left", "right")),
    step_of("left", follows=("start",), leads_to=("join",)),
    step_of("right", follows=("start",), leads_to=("join",)),
    step_of("join", StepType.JOIN, follows=("left", "right"), leads_to=("end",), joins="start"),
    step_of("end", StepType.END, follows=("join",)),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("left", False), ("after_left", False), ("right", False), ("merge", True), ("end", False)],
)
def test_only_a_step_where_branches_of_a_switch_meet_runs_without_some_input(name, expected):
    assert runs_without_some_input(SWITCH, SWITCH.step(name)) is expected


def test_a_step_that_joins_a_split_needs_all_its_inputs():
    assert not runs_without_some_input(SPLIT, SPLIT.step("join"))


def test_the_inputs_of_joins_and_the_last_step_end_last():
    assert steps_that_end_last(SPLIT) == ["left", "right", "end"]
    assert steps_that_end_last(flow_of(step_of("only", StepType.END))) == ["only"]
