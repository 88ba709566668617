"""
### ForeachSplitFlow

Two branches; one is a foreach whose body splits again.

start -+-> list_names -> name[] -+-> upper[] -+-> pair[] -> names -+-> join -> end
       |                         +-> length[] +                    |
       +-> other ---------------------------------------------------+

Compiled from `foreach_split.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python foreach_split.py airflow create foreach_split.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator

FLOW = Flow(
    name="ForeachSplitFlow",
    file="foreach_split.py",
    package="ForeachSplitFlow/data/94/949be7193cd7b2f58b347c3bf111ae3d7db9766b",
    production_token="foreachsplitflow-0-3747",
)


@dag(
    dag_id="ForeachSplitFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def foreach_split_flow():
    start = StepOperator(task_id="start")
    list_names = StepOperator(task_id="list_names", inputs=[start], foreach=True)

    with Foreach("each_name_", over=list_names):
        name_ = StepOperator(task_id="name_", inputs=[list_names])
        upper = StepOperator(task_id="upper", inputs=[name_])
        length = StepOperator(task_id="length", inputs=[name_])
        pair = StepOperator(task_id="pair", inputs=[upper, length])

    names = StepOperator(task_id="names", inputs=[pair])
    other = StepOperator(task_id="other", inputs=[start])
    join = StepOperator(task_id="join", inputs=[names, other])
    StepOperator(task_id="end", inputs=[join], outlets=[Asset("metaflow.ForeachSplitFlow.end")])


foreach_split_flow()
