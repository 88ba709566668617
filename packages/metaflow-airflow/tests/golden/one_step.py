"""
### OneStepFlow

The first step is the last.

Compiled from `one_step.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python one_step.py airflow create one_step.py`.
"""

from airflow.sdk import dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="OneStepFlow",
    file="one_step.py",
    package="OneStepFlow/data/e6/e6e1cf6162033fec3f9158bd75df4aaf8338385c",
    production_token="onestepflow-0-289f",
)


@dag(
    dag_id="OneStepFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def one_step_flow():
    StepOperator(task_id="only")


one_step_flow()
