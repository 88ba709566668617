"""Rules about the environment that a flow is compiled in."""

from flow_models import flow_of, only_problem
from metaflow_airflow.compiler.rules.environment import known_environment, shared_datastore


def test_shared_datastore_finds_a_datastore_on_this_machine():
    assert "cannot reach it" in only_problem(shared_datastore, flow_of(datastore="local"))


def test_known_environment_names_the_environment_that_cannot_be_installed():
    flow = flow_of(environment="fast-bakery")
    assert "--environment=fast-bakery" in only_problem(known_environment, flow)
