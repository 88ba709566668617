"""Rules about the schedule."""

import pytest
from flow_models import flow_of, only_problem
from metaflow_airflow.compiler.flow_model import Schedule
from metaflow_airflow.compiler.rules.schedule import cron, time_zone


@pytest.mark.parametrize(
    "expression", ["61 * * * *", "* * *", "every day", "", "\ud800 * * * *", "* * * * 9"]
)
def test_cron_names_an_expression_that_airflow_cannot_read(expression):
    problem = only_problem(cron, flow_of(schedule=Schedule(expression)))
    assert f"@schedule({expression!r}): it is not a cron expression" in problem


def test_cron_finds_a_moment_that_never_comes():
    assert "never comes" in only_problem(cron, flow_of(schedule=Schedule("0 0 31 2 *")))


@pytest.mark.parametrize(
    "expression", ["0 8 * * 1-5", "*/5 * * * *", "0 0 L * *", "@hourly", "0 0 * * MON#1"]
)
def test_cron_accepts_what_airflow_accepts(expression):
    assert not list(cron(flow_of(schedule=Schedule(expression))))


@pytest.mark.parametrize("zone", ["Mars/Phobos", "", "../../etc/passwd", "/etc/localtime", "\ud800", "a\0b"])
def test_time_zone_names_a_zone_that_does_not_exist(zone):
    problem = only_problem(time_zone, flow_of(schedule=Schedule("@daily", zone)))
    assert f"@schedule(timezone={zone!r}): there is no such time zone" in problem
