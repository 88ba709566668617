"""Rules about the decorators of steps."""

from flow_models import flow_of, only_problem, step_of
from metaflow_airflow.compiler.rules.steps import own_compute, pod_settings


def test_own_compute_names_the_step_its_place_and_the_decorator():
    problem = only_problem(own_compute, flow_of(step_of("choose", own_compute=("batch",))))
    assert problem.startswith("step 'choose' (f.py:7): @batch runs the step on a system of its own")


def test_pod_settings_finds_what_the_operator_does_not_support():
    flow = flow_of(step_of(pod={"executable": "python3", "image": "i"}))
    assert "@kubernetes(executable=) is not supported" in only_problem(pod_settings, flow)
