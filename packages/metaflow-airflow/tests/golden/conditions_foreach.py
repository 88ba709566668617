"""
### ConditionsForeachFlow

Each number takes one of two branches, one of them a nested foreach, and all merge again.

start -> number[] -+- few -> list_parts[] -> part[][] -+- odd -> odd_part[][] --+-> parts[] -> numbers
                   |                                   +- even -> even_part[][] +
                   +- none -> empty[] -> numbers -> end

Compiled from `conditions_foreach.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python conditions_foreach.py airflow create conditions_foreach.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, Foreach, StepOperator

FLOW = Flow(
    name="ConditionsForeachFlow",
    file="conditions_foreach.py",
    package="ConditionsForeachFlow/data/d6/d6c7773c728e976c735c30e824cadc9df9b614dc",
    production_token="conditionsforeachflow-0-f615",
)


@dag(
    dag_id="ConditionsForeachFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def conditions_foreach_flow():
    start = StepOperator(task_id="start", foreach=True)

    with Foreach("each_number", over=start):
        number = StepOperator(task_id="number", inputs=[start], switch=True)
        list_parts = StepOperator(task_id="list_parts", inputs=[number], foreach=True)
        empty = StepOperator(task_id="empty", inputs=[number])

    with Foreach("each_part", over=list_parts):
        part = StepOperator(task_id="part", inputs=[list_parts], switch=True)
        odd_part = StepOperator(task_id="odd_part", inputs=[part])
        even_part = StepOperator(task_id="even_part", inputs=[part])

    with Foreach("each_parts", over=start):
        parts = StepOperator(
            task_id="parts",
            inputs=[odd_part, even_part],
            trigger_rule="none_failed_min_one_success",
        )

    numbers = StepOperator(
        task_id="numbers",
        inputs=[parts, empty],
        trigger_rule="none_failed_min_one_success",
    )
    StepOperator(
        task_id="end",
        inputs=[numbers],
        outlets=[Asset("metaflow.ConditionsForeachFlow.end")],
    )


conditions_foreach_flow()
