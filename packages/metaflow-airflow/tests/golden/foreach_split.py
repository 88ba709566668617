"""
### ForeachSplitFlow

Two branches; one is a foreach whose body splits again.

start -+-> list_names -> name[] -+-> upper[] -+-> pair[] -> names -+-> join -> end
       |                         +-> length[] +                    |
       +-> other ---------------------------------------------------+

Compiled from `foreach_split.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python foreach_split.py airflow create foreach_split.py`.
"""

from airflow.sdk import dag, task_group
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="ForeachSplitFlow",
    file="foreach_split.py",
    package="ForeachSplitFlow/data/1f/1f9886195aa2241d6a17b7df9096cf6aefdda63d",
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

    @task_group
    def each_name_(split):
        name_ = StepOperator(task_id="name_", inputs=[list_names], split=split)
        upper = StepOperator(task_id="upper", inputs=[name_], split=split)
        length = StepOperator(task_id="length", inputs=[name_], split=split)
        StepOperator(task_id="pair", inputs=[upper, length], split=split)

    words = each_name_.expand(split=list_names.output)

    names = StepOperator(task_id="names", inputs=[words])
    other = StepOperator(task_id="other", inputs=[start])
    join = StepOperator(task_id="join", inputs=[names, other])
    StepOperator(task_id="end", inputs=[join])


foreach_split_flow()
