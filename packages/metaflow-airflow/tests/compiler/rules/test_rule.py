"""No rule is forgotten: each public function of the package is registered, once, and has a test."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler import rules
from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.flow_model import Event, FlowParameter, ParameterType, Schedule, StepType
from metaflow_airflow.compiler.rules.rule import OPTION_RULES, RULES, START_RULES

SUBJECTS = [
    importlib.import_module(f"{rules.__name__}.{module.name}")
    for module in pkgutil.iter_modules(rules.__path__)
    if module.name != "rule"
]
FUNCTIONS = [
    function
    for module in SUBJECTS
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]


def test_every_public_function_is_a_rule():
    registered = [rule.__name__ for rule in [*RULES, *START_RULES, *OPTION_RULES]]
    assert sorted(registered) == sorted(function.__name__ for function in FUNCTIONS)


@pytest.mark.parametrize("rule", FUNCTIONS)
def test_every_rule_has_a_test_named_after_it(rule):
    tests = Path(__file__).with_name(f"test_{rule.__module__.rpartition('.')[2]}.py").read_text()
    assert f"def test_{rule.__name__}_" in tests


@pytest.mark.parametrize("rule", FUNCTIONS)
def test_a_rule_has_no_complaint_about_a_good_flow(rule):
    good = flow_of(
        step_of(kind=StepType.FOREACH),
        step_of("inner", foreach_scope=("start",), pod={"image": "i"}),
        parameters=(FlowParameter("p", ParameterType.STRING, "x"),),
        schedule=Schedule("@daily", "America/New_York"),
        events=(Event("e", {"p": "field"}),),
    )
    options = Deployment("F", "f.py", "d.py", "token", tags=("a",), max_workers=1, workflow_timeout=60)
    assert list(rule(options if rule in OPTION_RULES else good)) == []
