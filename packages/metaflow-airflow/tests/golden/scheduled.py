"""
### Scheduled_Flow

Quotes \\"\\"\\" and \\ backslashes, {{ braces }} and {% blocks %}.

dag -> split[] -> task_group -> duration

Compiled from `scheduled.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python scheduled.py airflow create scheduled.py`.
"""

from airflow.sdk import dag, task_group
from metaflow_airflow.operators import Flow, StepOperator
from pendulum import datetime

FLOW = Flow(
    name="Scheduled_Flow",
    file="scheduled.py",
    package="Scheduled_Flow/data/43/4368c9b739fc737eebd245f7f47aa608896cda85",
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

    @task_group
    def each_split(split):
        StepOperator(task_id="split", inputs=[dag_], split=split, doc_md="A \\ backslash.")

    words = each_split.expand(split=dag_.output)

    task_group_ = StepOperator(task_id="task_group", inputs=[words])
    StepOperator(task_id="duration", inputs=[task_group_])


scheduled_flow()
