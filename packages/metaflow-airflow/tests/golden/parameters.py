"""
### ParametersFlow

Store the parameters unchanged.

start -> end

Compiled from `parameters.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python parameters.py airflow create parameters.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="ParametersFlow",
    file="parameters.py",
    package="ParametersFlow/data/79/79cee9fd514e9c41dc53d8f2490c3b959fa020cf",
    production_token="parametersflow-0-5a2f",
)


@dag(
    dag_id="ParametersFlow",
    params={
        "text": Param("plain", type="string", description="Any text."),
        "whole": Param(3, type="integer"),
        "real": Param(0.5, type="number"),
        "flag": Param(False, type="boolean"),
        "structure": Param({"a": [1, None]}),
        "with-dash": Param(None, type=["null", "string"]),
        "needed": Param(type="string", description="Has no default."),
    },
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def parameters_flow():
    start = StepOperator(task_id="start")
    StepOperator(task_id="end", inputs=[start], outlets=[Asset("metaflow.ParametersFlow.end")])


parameters_flow()
