"""
### OneStepFlow

The first step is also the last.

Compiled from `one_step.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python one_step.py airflow create one_step.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="OneStepFlow",
    file="one_step.py",
    package="OneStepFlow/data/2d/2d32cf3dfd456f7aa57b7138ae55f1cab490ae37",
    production_token="onestepflow-0-289f",
)


@dag(
    dag_id="OneStepFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def one_step_flow():
    StepOperator(task_id="only", outlets=[Asset("metaflow.OneStepFlow.end")])


one_step_flow()
