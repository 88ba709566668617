"""
### Scheduled_Flow

Quotes \\"\\"\\" and \\ backslashes, {{ braces }} and {% blocks %}.

dag -> split[] -> task_group -> duration

Compiled from `scheduled.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python scheduled.py airflow create scheduled.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator
from pendulum import datetime

FLOW = Flow(
    name="Scheduled_Flow",
    file="scheduled.py",
    package="Scheduled_Flow/data/c5/c556d02dcaaf7e40a38bfb05bcf90bc89417006e",
    production_token="scheduled_flow-0-0fc8",
)


@dag(
    dag_id="Scheduled_Flow",
    schedule="30 6 * * MON-FRI",
    start_date=datetime(2026, 1, 1, tz="America/New_York"),
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def scheduled_flow():
    dag_ = StepOperator(task_id="dag", foreach=True, doc_md="Say \"hello\" and 'good bye'.")

    with Foreach("each_split", over=dag_):
        split = StepOperator(task_id="split", inputs=[dag_], doc_md="A \\ backslash.")

    task_group_ = StepOperator(task_id="task_group", inputs=[split])
    StepOperator(
        task_id="duration",
        inputs=[task_group_],
        outlets=[Asset("metaflow.Scheduled_Flow.end")],
    )


scheduled_flow()
