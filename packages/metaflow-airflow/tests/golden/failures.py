"""
### FailuresFlow

One step succeeds at its second attempt, one is caught, one times out and is caught.

start -> flaky -> caught -> slow -> end

Compiled from `failures.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python failures.py airflow create failures.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator
from pendulum import duration

FLOW = Flow(
    name="FailuresFlow",
    file="failures.py",
    package="FailuresFlow/data/3c/3ccd69ec70e7346711394592f43e660543983a61",
    production_token="failuresflow-0-ebbb",
)


@dag(
    dag_id="FailuresFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def failures_flow():
    start = StepOperator(task_id="start")
    flaky = StepOperator(
        task_id="flaky",
        inputs=[start],
        retries=2,
        retry_delay=duration(seconds=0),
    )
    caught = StepOperator(
        task_id="caught",
        inputs=[flaky],
        retries=4,
        user_code_retries=1,
        retry_delay=duration(seconds=0),
    )
    slow = StepOperator(
        task_id="slow",
        inputs=[caught],
        retries=3,
        user_code_retries=0,
        retry_delay=duration(seconds=0),
        execution_timeout=duration(seconds=63),
    )
    StepOperator(task_id="end", inputs=[slow], outlets=[Asset("metaflow.FailuresFlow.end")])


failures_flow()
