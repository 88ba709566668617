"""Rules about decorators: whatever the installed Metaflow registers is translated, or refused by name."""

import pytest
from flow_models import flow_of, only_problem, step_of
from metaflow import plugins
from metaflow_airflow.compiler.check import check_flow
from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.errors import UnsupportedFlow
from metaflow_airflow.compiler.flow_model import Decorator
from metaflow_airflow.compiler.read_pod import READ_SEPARATELY
from metaflow_airflow.compiler.rules.decorators import command_options, flow_decorators, step_decorators
from metaflow_airflow.compiler.rules.steps import POD_SETTINGS

REFUSED = {"argo_workflows_internal", "batch", "step_functions_internal", "unbounded_test_foreach_internal"}


def by_name(kinds):
    """Return decorators in the same order in every process: Metaflow's own order is random."""
    return sorted(kinds, key=lambda kind: kind.name)


@pytest.mark.parametrize("kind", by_name(plugins.STEP_DECORATORS), ids=lambda kind: kind.name)
def test_step_decorators_knows_all_that_metaflow_registers(kind):
    used = Decorator(kind.name, tuple(kind.defaults))
    own_compute = (kind.name,) if kind.name == "batch" else ()
    flow = flow_of(step_of(decorators=(used,), own_compute=own_compute))
    if kind.name in REFUSED:
        with pytest.raises(UnsupportedFlow, match=f"@{kind.name} "):
            check_flow(flow, Deployment("F", "f.py", "d.py"))
    else:
        assert not list(step_decorators(flow))


@pytest.mark.parametrize("kind", by_name(plugins.FLOW_DECORATORS), ids=lambda kind: kind.name)
def test_flow_decorators_knows_all_that_metaflow_registers(kind):
    assert not list(flow_decorators(flow_of(decorators=(Decorator(kind.name, tuple(kind.defaults)),))))


def test_all_options_of_kubernetes_are_known():
    (kind,) = (each for each in plugins.STEP_DECORATORS if each.name == "kubernetes")
    assert kind.defaults.keys() - READ_SEPARATELY - POD_SETTINGS == {"executable"}


def test_step_decorators_names_an_option_that_metaflow_may_add():
    flow = flow_of(step_of(decorators=(Decorator("retry", ("times", "jitter")),)))
    assert only_problem(step_decorators, flow) == (
        "step 'start' (f.py:7): @retry(jitter=) has no counterpart in Airflow; remove the option."
    )


@pytest.mark.parametrize("acts_in_steps", [True, False])
def test_flow_decorators_names_one_that_would_be_dropped(acts_in_steps):
    flow = flow_of(decorators=(Decorator("new", acts_in_steps=acts_in_steps),))
    problems = [str(problem) for problem in flow_decorators(flow)]
    assert ["flow F (f.py): @new has no counterpart" in problem for problem in problems] == (
        [] if acts_in_steps else [True]
    )


def test_command_options_names_the_setting_that_reaches_the_steps():
    problem = only_problem(command_options, flow_of(command_options=("--event-logger=debugLogger",)))
    assert "set METAFLOW_DEFAULT_EVENT_LOGGER=debugLogger where Airflow runs them" in problem
