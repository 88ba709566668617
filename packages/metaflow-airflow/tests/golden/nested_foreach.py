"""
### NestedForeachFlow

Combine letters with numbers and signs; the number of splits differs from split to split.

start -> letter[] -+-> choose_numbers[] -> number[][] -> sign[][][] -> mark[][][] -> ...
                   +-> side[] -> ...

... mark -> signs[][] -> numbers[] -+-> both[] -> all_letters -> end
                     side[] --------+

Compiled from `nested_foreach.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python nested_foreach.py airflow create nested_foreach.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator

FLOW = Flow(
    name="NestedForeachFlow",
    file="nested_foreach.py",
    package="NestedForeachFlow/data/4b/4be0dab6d42fb7fc7bca5eeec0f6b71dde5c4489",
    production_token="nestedforeachflow-0-b471",
)


@dag(
    dag_id="NestedForeachFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def nested_foreach_flow():
    start = StepOperator(task_id="start", foreach=True)

    with Foreach("each_letter", over=start):
        letter = StepOperator(task_id="letter", inputs=[start])
        choose_numbers = StepOperator(task_id="choose_numbers", inputs=[letter], foreach=True)
        side = StepOperator(task_id="side", inputs=[letter])

    with Foreach("each_number", over=choose_numbers):
        number = StepOperator(task_id="number", inputs=[choose_numbers], foreach=True)

    with Foreach("each_sign", over=number):
        sign = StepOperator(task_id="sign", inputs=[number])
        mark = StepOperator(task_id="mark", inputs=[sign])

    with Foreach("each_signs", over=choose_numbers):
        signs = StepOperator(task_id="signs", inputs=[mark])

    with Foreach("each_numbers", over=start):
        numbers = StepOperator(task_id="numbers", inputs=[signs])
        both = StepOperator(task_id="both", inputs=[numbers, side])

    all_letters = StepOperator(task_id="all_letters", inputs=[both])
    StepOperator(
        task_id="end",
        inputs=[all_letters],
        outlets=[Asset("metaflow.NestedForeachFlow.end")],
    )


nested_foreach_flow()
