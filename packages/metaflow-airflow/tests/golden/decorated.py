"""
### DecoratedFlow

Every step has several decorators.

start -> reported -> refreshed -> lost -> end

Compiled from `decorated.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python decorated.py airflow create decorated.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator
from pendulum import duration

FLOW = Flow(
    name="DecoratedFlow",
    file="decorated.py",
    package="DecoratedFlow/data/e6/e6a698b2e92e210d8a59018a911a950451e04e2d",
    production_token="decoratedflow-0-8b76",
)


@dag(
    dag_id="DecoratedFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def decorated_flow():
    start = StepOperator(
        task_id="start",
        compute={"memory": "512M"},
        env={
            "MINE": 'it\'s "quoted" $(id) `id` ${HOME} $$\nline {{ 1+1 }} %s ünïcödé 🚕 \\',
            "NUMBER": "3",
        },
    )
    reported = StepOperator(
        task_id="reported",
        inputs=[start],
        retries=1,
        retry_delay=duration(seconds=0),
    )
    refreshed = StepOperator(
        task_id="refreshed",
        inputs=[reported],
        execution_timeout=duration(minutes=6),
    )
    lost = StepOperator(
        task_id="lost",
        inputs=[refreshed],
        retries=4,
        user_code_retries=1,
        retry_delay=duration(seconds=0),
        execution_timeout=duration(seconds=62),
        env={"MINE": "lost"},
    )
    StepOperator(task_id="end", inputs=[lost], outlets=[Asset("metaflow.DecoratedFlow.end")])


decorated_flow()
