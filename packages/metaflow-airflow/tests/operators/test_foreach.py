"""A foreach with more splits than Airflow maps fails with one message, and is not retried."""

from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.sdk import DAG
from metaflow_airflow.operators import Flow, Foreach, StepOperator
from metaflow_airflow.operators.foreach import SplitsOperator
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult

FLOW = Flow(name="F", file="f.py", package="F/data/00/00")
TOO_WIDE = (
    r"^Step '{step}' succeeded, but splits into 1,100 tasks, and Airflow maps at most {limit}: set "
    r"AIRFLOW__CORE__MAX_MAP_LENGTH to 1100 or more"
)


def finished(splits, step=None):
    step = step or StepOperator(task_id="start", flow=FLOW, dag=DAG("F"), foreach=True)
    context = {"ti": SimpleNamespace(map_index=0, xcom_pull=lambda **_: [[0]])}
    return step.finish(None, StepResult(splits=splits), context)


def listed(*splits):
    pulled = [[[index, number] for number in range(count)] for index, count in enumerate(splits)]
    context = {"ti": SimpleNamespace(xcom_pull=lambda task_ids: pulled)}
    return SplitsOperator(task_id="inner-splits", foreach="each_part.inner", dag=DAG("F")).execute(context)


def test_the_limit_is_that_of_airflow(monkeypatch):
    assert len(finished(1024)) == 1024
    with pytest.raises(AirflowFailException, match=TOO_WIDE.format(step="start", limit="1,024")):
        finished(1100)
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "1100")
    assert len(finished(1100)) == 1100


def test_the_splits_of_all_tasks_of_a_nested_foreach_count_together(monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "1000")
    assert len(listed(500, 500)) == 1000
    with pytest.raises(AirflowFailException, match=TOO_WIDE.format(step="inner", limit="1,000")):
        listed(1000, 100)


def test_one_task_of_a_nested_foreach_is_not_mapped_over_by_itself(monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    with DAG("F", default_args={"flow": FLOW}):
        start = StepOperator(task_id="start", foreach=True)
        with Foreach("each_inner", over=start):
            inner = StepOperator(task_id="inner", inputs=[start], foreach=True)
    assert len(finished(3, inner)) == 3
