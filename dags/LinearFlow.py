"""
### LinearFlow

Three steps in a row.

start -> middle -> end

Compiled from `packages/metaflow-airflow/tests/flows/linear.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python packages/metaflow-airflow/tests/flows/linear.py airflow create dags/LinearFlow.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="LinearFlow",
    file="linear.py",
    package="LinearFlow/data/61/61988972c89980211d34b1229ae07cf04fccd2a1",
    production_token="linearflow-0-95f9",
)


@dag(
    dag_id="LinearFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def linear_flow():
    start = StepOperator(task_id="start")
    middle = StepOperator(task_id="middle", inputs=[start])
    StepOperator(task_id="end", inputs=[middle], outlets=[Asset("metaflow.LinearFlow.end")])


linear_flow()
