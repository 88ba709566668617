"""
### ParameterTypesFlow

Store the parameters unchanged.

start -> end

Compiled from `parameter_types.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python parameter_types.py airflow create parameter_types.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="ParameterTypesFlow",
    file="parameter_types.py",
    package="ParameterTypesFlow/data/8d/8d4d2afe4cbfa894eacef1172be1707828708643",
    production_token="parametertypesflow-0-6aa4",
)


@dag(
    dag_id="ParameterTypesFlow",
    params={
        "whole": Param(41, type="integer"),
        "real": Param(0.25, type="number"),
        "yes": Param(True, type="boolean"),
        "made": Param("ParameterTypesFlow $(id) {{ 1 }}", type="string"),
        "made-structure": Param(["a", {"b": None}]),
        "listed": Param(["ü", 1, None]),
        "mapped": Param({"it's": {"deep": [True]}}),
        "split": Param("a,b c,d", type="string"),
        "split_given": Param(None, type=["null", "string"]),
        "chosen": Param("small", type="string", enum=["small", "large"], description="How much."),
        "in_range": Param(7, type="integer"),
        "day": Param("2026-01-31", type="string"),
        "today": Param(None, type=["null", "string"]),
        "own": Param("8", type="string"),
        "given": Param(type="string"),
        "text_of_number": Param("007", type="string"),
        "number_of_text": Param(12, type="integer"),
        "infinite": Param(None, type=["null", "number"]),
        "huge": Param(None, type=["null", "integer"]),
        "huge_structure": Param(None),
        "optional_whole": Param(None, type=["null", "integer"]),
        "optional_structure": Param(None),
        "required_structure": Param(),
        "required_with_default": Param("there", type="string"),
    },
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def parameter_types_flow():
    start = StepOperator(task_id="start")
    StepOperator(task_id="end", inputs=[start], outlets=[Asset("metaflow.ParameterTypesFlow.end")])


parameter_types_flow()
