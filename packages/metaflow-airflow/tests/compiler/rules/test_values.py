"""Rules about values: Airflow stores everything that a DAG file contains."""

import math

import pytest
from flow_models import flow_of, only_problem, step_of
from metaflow_airflow.compiler.flow_model import Event, ExitHooks, FlowParameter, ParameterType, Retries
from metaflow_airflow.compiler.rules.values import durations, storable


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ({"doc": "\ud800"}, "its docstring: the text is not valid Unicode"),
        ({"environment": {"A": "\udcff"}}, "@environment: the text is not valid Unicode"),
        ({"resources": {"memory": math.inf}}, "@resources: JSON has only finite numbers"),
        ({"resources": {"cpu": 2**70}}, "@resources: Airflow's integers have at most 64 bits"),
        ({"pod": {"labels": {"\ud800": "x"}}}, "@kubernetes: the text is not valid Unicode"),
        ({"added_decorators": ("card:id=\ud800",)}, "--with: the text is not valid Unicode"),
    ],
)
def test_storable_names_the_step_and_its_decorator(step, what):
    assert only_problem(storable, flow_of(step_of(**step))) == (
        f"step 'start' (f.py:7): Airflow cannot store {what}; change it."
    )


@pytest.mark.parametrize(
    ("flow", "where"),
    [
        ({"parameters": (FlowParameter("p", ParameterType.STRING, help="\ud800"),)}, "parameter 'p'"),
        ({"parameters": (FlowParameter("p", ParameterType.STRING, choices=("\ud800",)),)}, "parameter 'p'"),
        ({"events": (Event("e", {"p": "\ud800"}),)}, "flow F (f.py)"),
        ({"exit_hooks": ExitHooks(on_error=("\ud800",))}, "flow F (f.py)"),
    ],
)
def test_storable_names_the_part_of_the_flow(flow, where):
    assert only_problem(storable, flow_of(**flow)).startswith(f"{where}: Airflow cannot store ")


def test_storable_accepts_any_text_that_is_unicode_and_all_plain_values():
    pod = {"port": 8080, "tolerations": [{"key": "ünïcödé 🚕", "seconds": 1.5}], "secrets": ("a", None)}
    assert not list(storable(flow_of(step_of(pod=pod, doc="two\nlines \x1b"))))


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ({"timeout_seconds": 10**10}, "@timeout"),
        ({"retries": Retries(1, 1, math.inf)}, "@retry(minutes_between_retries=)"),
        ({"retries": Retries(1, 1, math.nan)}, "@retry(minutes_between_retries=)"),
        ({"retries": Retries(1, 1, -1.0)}, "@retry(minutes_between_retries=)"),
    ],
)
def test_durations_names_what_leaves_the_calendar(step, name):
    assert f"{name} is not between 0 and 100 years" in only_problem(durations, flow_of(step_of(**step)))
