"""
### GangFlow

Three tasks at once, then two at once for each of two names.

start -> together(3) -> gather -> list_names -> name[] -> pair(2)[] -> paired[] -> join -> end

Compiled from `gang.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python gang.py airflow create gang.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator

FLOW = Flow(
    name="GangFlow",
    file="gang.py",
    package="GangFlow/data/56/56a360754848e90d2f0197b8fa0911b3e4e8c623",
    production_token="gangflow-0-839a",
)


@dag(
    dag_id="GangFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def gang_flow():
    start = StepOperator(task_id="start")
    together = StepOperator(task_id="together", inputs=[start], parallel=True)
    gather = StepOperator(task_id="gather", inputs=[together])
    list_names = StepOperator(task_id="list_names", inputs=[gather], foreach=True)

    with Foreach("each_name_of", over=list_names):
        name_of = StepOperator(task_id="name_of", inputs=[list_names])
        pair = StepOperator(task_id="pair", inputs=[name_of], parallel=True)
        paired = StepOperator(task_id="paired", inputs=[pair])

    join = StepOperator(task_id="join", inputs=[paired])
    StepOperator(task_id="end", inputs=[join], outlets=[Asset("metaflow.GangFlow.end")])


gang_flow()
