"""Plan a step: only the arguments that differ from the operator's defaults are written."""

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.dag_model import Call
from metaflow_airflow.compiler.flow_model import Retries
from metaflow_airflow.compiler.plan_step import step_arguments


def arguments_of(**changes):
    step = step_of(**changes)
    return step_arguments(flow_of(step), step, [], [], task_group=False)


def test_a_plain_step_has_only_its_id():
    assert arguments_of() == {"task_id": "start"}


@pytest.mark.parametrize(
    ("retries", "expected"),
    [
        (Retries(2, 2, 1), {"retries": 2, "retry_delay": Call("duration", keywords={"minutes": 1})}),
        (Retries(1, 1, 0), {"retries": 1, "retry_delay": Call("duration", keywords={"seconds": 0})}),
        (Retries(1, 1, 0.5), {"retries": 1, "retry_delay": Call("duration", keywords={"seconds": 30})}),
        (
            Retries(1, 4, 2),
            {
                "retries": 4,
                "user_code_retries": 1,
                "retry_delay": Call("duration", keywords={"minutes": 2}),
            },
        ),
        (
            Retries(0, 1),
            {
                "retries": 1,
                "user_code_retries": 0,
                "retry_delay": Call("duration", keywords={"seconds": 0}),
            },
        ),
    ],
)
def test_retries(retries, expected):
    assert arguments_of(retries=retries) == {"task_id": "start"} | expected


def test_the_timeout_of_airflow_leaves_the_step_time_to_handle_its_own():
    assert arguments_of(timeout_seconds=60)["execution_timeout"] == Call("duration", keywords={"minutes": 2})


def test_a_step_that_repeats_has_no_timeout_for_all_repetitions():
    assert "execution_timeout" not in arguments_of(timeout_seconds=60, repeats=True)
