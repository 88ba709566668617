"""
### ConditionsFlow

Two branches: one has nested conditions, the other may skip a step.

start -+-> size -+- small -> tone -+- low --> lower -+-> toned -+-> sized -+-> join -> end
       |         |                 +- high -> upper -+          |          |
       |         +- large ---------------------------> big ----+          |
       +-> check -+- yes -> repair -+-> checked --------------------------+
                  +- no ------------+

Compiled from `conditions.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python conditions.py airflow create conditions.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="ConditionsFlow",
    file="conditions.py",
    package="ConditionsFlow/data/63/634311c2b239e41378b0c025f46ae6f1c31d0d60",
    production_token="conditionsflow-0-6d7e",
)


@dag(
    dag_id="ConditionsFlow",
    params={"count": Param(3, type="integer")},
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def conditions_flow():
    start = StepOperator(task_id="start")
    size = StepOperator(task_id="size", inputs=[start], switch=True)
    tone = StepOperator(task_id="tone", inputs=[size], switch=True)
    lower = StepOperator(task_id="lower", inputs=[tone])
    upper = StepOperator(task_id="upper", inputs=[tone])
    toned = StepOperator(
        task_id="toned",
        inputs=[lower, upper],
        trigger_rule="none_failed_min_one_success",
    )
    big = StepOperator(task_id="big", inputs=[size])
    sized = StepOperator(
        task_id="sized",
        inputs=[toned, big],
        trigger_rule="none_failed_min_one_success",
    )
    check = StepOperator(task_id="check", inputs=[start], switch=True)
    repair = StepOperator(task_id="repair", inputs=[check])
    checked = StepOperator(
        task_id="checked",
        inputs=[check, repair],
        trigger_rule="none_failed_min_one_success",
    )
    join = StepOperator(task_id="join", inputs=[sized, checked])
    StepOperator(task_id="end", inputs=[join], outlets=[Asset("metaflow.ConditionsFlow.end")])


conditions_flow()
