"""Each rule finds its problem, says where it is and what to do; a flow with several gets them all at once."""

import pytest
from metaflow_airflow.compiler import check
from metaflow_airflow.compiler.flow_model import (
    Event,
    FlowModel,
    FlowParameter,
    ParameterType,
    Place,
    Schedule,
    Step,
    StepType,
)


def flow(*steps, **changes):
    return FlowModel("F", "f.py", "", tuple(steps), "start", **changes)


def step(name="start", kind=StepType.LINEAR, **changes):
    return Step(name, kind, Place("f.py", 7), (), (), **changes)


MISSING = FlowParameter("p", ParameterType.FILE, missing_file="no/such/file")
NEEDED = FlowParameter("p", ParameterType.STRING, required=True)

CASES = [
    (
        check.single_values,
        flow(parameters=(FlowParameter("p", ParameterType.STRING, click_options=("multiple", "nargs")),)),
        "multiple and nargs=",
    ),
    (check.included_files, flow(parameters=(MISSING,)), "no file 'no/such/file'"),
    (check.own_compute, flow(step(own_compute=("batch",))), "@batch"),
    (check.pod_words, flow(step(pod={"executable": "python3", "image": "i"})), "@kubernetes(executable=)"),
    (
        check.parameter_names,
        flow(parameters=(FlowParameter("p", ParameterType.STRING), FlowParameter("P", ParameterType.STRING))),
        "only in case",
    ),
    (
        check.unasked_parameters,
        flow(parameters=(NEEDED,), schedule=Schedule("@daily")),
        "a scheduled run has nobody to give it",
    ),
    (
        check.unasked_parameters,
        flow(parameters=(NEEDED,), schedule=Schedule("@daily"), events=(Event("e", {"p": "p"}),)),
        "a scheduled run has nobody to give it",
    ),
    (
        check.unasked_parameters,
        flow(parameters=(NEEDED,), events=(Event("e"),)),
        "a run that an event starts has nobody to give it",
    ),
    (check.event_names, flow(events=(Event(" "),)), "cannot be the name of an Airflow asset"),
    (check.event_parameters, flow(events=(Event("e", {"x": "p"}),)), "'x', which is no parameter"),
    (
        check.event_parameters,
        flow(parameters=(NEEDED,), events=(Event("e", {"p": "p"}), Event("f", {"P": "p"}))),
        "set already",
    ),
    (check.event_options, flow(event_options=("@exit_hook(options={'image': …})",)), "no counterpart"),
    (check.shared_datastore, flow(datastore="local"), "cannot reach it"),
    (check.known_environment, flow(environment="fast-bakery"), "--environment=fast-bakery"),
]


@pytest.mark.parametrize(("rule", "bad", "expected"), CASES)
def test_a_rule_finds_its_problem(rule, bad, expected):
    (problem,) = rule(bad)
    assert expected in str(problem)
    assert problem.remedy


@pytest.mark.parametrize("rule", check.RULES)
def test_a_rule_leaves_a_good_flow_alone(rule):
    good = flow(
        step(kind=StepType.FOREACH),
        step("inner", foreach_scope=("start",), pod={"image": "i"}),
        parameters=(NEEDED,),
        events=(Event("e", {"p": "field"}),),
    )
    assert list(rule(good)) == []


def test_a_step_s_problem_names_its_place():
    (problem,) = check.own_compute(flow(step("choose", own_compute=("batch",))))
    assert str(problem).startswith("step 'choose' (f.py:7): ")


def test_all_problems_are_told_at_once():
    with pytest.raises(check.UnsupportedFlow) as caught:
        check.check_flow(flow(step(own_compute=("batch",)), parameters=(MISSING,), datastore="local"))
    assert len(str(caught.value).strip().splitlines()) == 3
