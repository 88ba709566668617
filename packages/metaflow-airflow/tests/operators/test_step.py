"""What the operator takes from a task instance, and where it stops."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException
from metaflow.exception import METAFLOW_EXIT_DISALLOW_RETRY
from metaflow.metaflow_config import MAX_ATTEMPTS
from metaflow_airflow.operators import Flow, StepOperator
from metaflow_airflow.operators.flow import metaflow_run_id
from metaflow_airflow.operators.step import MOST_ATTEMPTS
from metaflow_airflow.run_ids import TRIGGERED_BY
from metaflow_airflow.runners.results import DO_NOT_RETRY

FLOW = Flow(name="F", file="f.py", package="F/data/00/00")
RUN = SimpleNamespace(
    dag_id="F",
    run_id="manual__1",
    run_type="manual",
    run_after=datetime(2026, 1, 1, tzinfo=UTC),
    conf={TRIGGERED_BY: "ann"},
)


def context(try_number=1, **params):
    instance = SimpleNamespace(try_number=try_number, task_id="start", map_index=-1)
    return {"ti": instance, "dag_run": RUN, "dag": None, "params": params}


def start_step():
    return StepOperator(task_id="start", flow=FLOW, dag=DAG("F"))


def test_metaflow_s_own_numbers_are_the_ones_we_copied():
    assert MOST_ATTEMPTS == MAX_ATTEMPTS
    assert DO_NOT_RETRY == METAFLOW_EXIT_DISALLOW_RETRY


@pytest.mark.parametrize("try_number", [1, MOST_ATTEMPTS])
def test_attempts_are_airflow_s_tries(try_number):
    task = start_step().step_task(context(try_number, alpha=1))
    assert task.attempt == try_number - 1
    assert task.parameters == {"alpha": 1}


def test_a_run_is_in_the_namespace_of_who_triggered_it():
    task = start_step().step_task(context(alpha=1, **{TRIGGERED_BY: "ann"}))
    assert task.tags == ("user:ann",)
    assert task.parameters == {"alpha": 1}


def test_a_try_that_metaflow_would_not_keep_is_one_sentence():
    with pytest.raises(AirflowFailException, match="try 7 of step 'start'"):
        start_step().step_task(context(MOST_ATTEMPTS + 1))


def test_run_ids_tell_dags_runs_and_times_apart():
    moments = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]
    ids = {metaflow_run_id(dag, run, at) for dag in ("A", "B") for run in ("x", "y") for at in moments}
    assert len(ids) == 8
    assert metaflow_run_id("A", "x", moments[0]) in ids
