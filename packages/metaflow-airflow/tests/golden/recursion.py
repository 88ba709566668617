"""
### RecursionFlow

Count down, then count up to each of several limits.

start -> down -+- done -> list_limits -> up[] -+- done -> counted[] -> join -> end
          ^    |                          ^    |
          +----+- more                    +----+- more

Compiled from `recursion.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python recursion.py airflow create recursion.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator
from pendulum import duration

FLOW = Flow(
    name="RecursionFlow",
    file="recursion.py",
    package="RecursionFlow/data/48/480ff1f329876d887eef373e4ddcab9d75f84a21",
    production_token="recursionflow-0-6876",
)


@dag(
    dag_id="RecursionFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def recursion_flow():
    start = StepOperator(task_id="start")
    down = StepOperator(
        task_id="down",
        inputs=[start],
        switch=True,
        retries=1,
        retry_delay=duration(seconds=0),
    )
    list_limits = StepOperator(task_id="list_limits", inputs=[down], foreach=True)

    with Foreach("each_up", over=list_limits):
        up = StepOperator(task_id="up", inputs=[list_limits], switch=True)
        counted = StepOperator(task_id="counted", inputs=[up])

    join = StepOperator(task_id="join", inputs=[counted])
    StepOperator(task_id="end", inputs=[join], outlets=[Asset("metaflow.RecursionFlow.end")])


recursion_flow()
