"""The Metaflow task that the operator derives from a task instance, and the XCom that it returns."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from airflow.sdk import DAG
from metaflow.exception import METAFLOW_EXIT_DISALLOW_RETRY
from metaflow.metaflow_config import MAX_ATTEMPTS
from metaflow_airflow.operators import Flow, StepOperator
from metaflow_airflow.operators.step import MOST_ATTEMPTS
from metaflow_airflow.run_ids import metaflow_run_id
from metaflow_airflow.runners.results import DO_NOT_RETRY
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult

FLOW = Flow(name="F", file="f.py", package="F/data/00/00")
RUN = SimpleNamespace(
    dag_id="F",
    run_id="manual__1",
    run_type="manual",
    run_after=datetime(2026, 1, 1, tzinfo=UTC),
    triggering_user_name="ann",
)


def context(try_number=1, **params):
    instance = SimpleNamespace(try_number=try_number, task_id="start", map_index=-1)
    return {"ti": instance, "dag_run": RUN, "dag": None, "params": params}


def start_step():
    return StepOperator(task_id="start", flow=FLOW, dag=DAG("F", params={"alpha": 1}))


def test_copied_constants_equal_those_of_metaflow():
    assert MOST_ATTEMPTS == MAX_ATTEMPTS
    assert DO_NOT_RETRY == METAFLOW_EXIT_DISALLOW_RETRY


@pytest.mark.parametrize("try_number", [1, MOST_ATTEMPTS])
def test_an_attempt_is_a_try_in_airflow(try_number):
    task = start_step().step_task(context(try_number, alpha=1))
    assert task.attempt == try_number - 1
    assert task.parameters == {"alpha": 1}


def test_a_run_is_in_the_namespace_of_the_user_whom_airflow_knows():
    assert start_step().step_task(context(alpha=1)).tags == ("user:ann",)
    scheduled = SimpleNamespace(**(vars(RUN) | {"triggering_user_name": None}))
    assert start_step().step_task(context(alpha=1) | {"dag_run": scheduled}).tags == ()


# What a run's configuration may contain besides parameters: options of Metaflow's command, and anything else.
OTHER_KEYS = {
    "run-id": "airflow-0123456789abcdef",
    "task-id": "other",
    "tag": "user:eve",
    "tags": ["user:eve"],
    "with": "retry",
    "metaflow.user": "eve",
    "parent_run": {"id": 1},
    "--run-id": "x",
    "alpha=2 --tag": "user:eve",
    "": "x",
}


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_only_declared_parameters_reach_metaflow(key, capsys):
    task = start_step().step_task(context(alpha=2, **{key: OTHER_KEYS[key]}))
    assert task.parameters == {"alpha": 2}
    assert task.tags == ("user:ann",)
    assert "eve" not in task.to_json()
    assert f"is ignored: {key!r}" in capsys.readouterr().out


def test_a_try_beyond_the_attempts_that_metaflow_keeps_is_rejected():
    with pytest.raises(AirflowFailException, match="try 7 of step 'start'"):
        start_step().step_task(context(MOST_ATTEMPTS + 1))


def test_run_ids_depend_on_the_dag_the_run_and_its_time():
    moments = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)]
    ids = {metaflow_run_id(dag, run, at) for dag in ("A", "B") for run in ("x", "y") for at in moments}
    assert len(ids) == 8
    assert metaflow_run_id("A", "x", moments[0]) in ids


RESULTS = {
    "foreach": (StepResult(splits=2), [[0], [1]]),
    "switch": (StepResult(next="left", task="start.1"), {"next": "left", "task": "start.1"}),
    "parallel": (StepResult(gang=3), 3),
}


@pytest.mark.parametrize("kind", RESULTS)
def test_the_xcom_is_the_result_of_the_step(kind):
    result, expected = RESULTS[kind]
    step = StepOperator(task_id="start", flow=FLOW, dag=DAG("F"), **{kind: True})
    assert step.finish(step.step_task(context()), result, context()) == expected
    assert start_step().finish(step.step_task(context()), StepResult(), context()) is None


@pytest.mark.parametrize("kind", RESULTS)
def test_a_missing_result_is_one_message(kind):
    step = StepOperator(task_id="start", flow=FLOW, dag=DAG("F"), **{kind: True})
    with pytest.raises(AirflowException, match="result for the following steps is missing: clear the task"):
        step.finish(step.step_task(context()), StepResult(), context())
