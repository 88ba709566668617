"""
### SplitFlow

A split inside a branch of a split.

start -+-> left -+-> upper -+-> left_join -+-> join -> end
       |         +-> lower -+              |
       +-> right --------------------------+

Compiled from `split.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python split.py airflow create split.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="SplitFlow",
    file="split.py",
    package="SplitFlow/data/29/29acd8d5aed949b2d62b0b147fd63901fef97cc2",
    production_token="splitflow-0-684b",
)


@dag(
    dag_id="SplitFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def split_flow():
    start = StepOperator(task_id="start")
    left = StepOperator(task_id="left", inputs=[start])
    upper = StepOperator(task_id="upper", inputs=[left])
    lower = StepOperator(task_id="lower", inputs=[left])
    left_join = StepOperator(task_id="left_join", inputs=[upper, lower])
    right = StepOperator(task_id="right", inputs=[start])
    join = StepOperator(task_id="join", inputs=[left_join, right])
    StepOperator(task_id="end", inputs=[join], outlets=[Asset("metaflow.SplitFlow.end")])


split_flow()
