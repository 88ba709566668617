"""
### IncludedFlow

Read the content of the files.

start -> end

Compiled from `included.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python included.py airflow create included.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="IncludedFlow",
    file="included.py",
    package="IncludedFlow/data/a7/a7b04a827a69fa1679dac785517e5dfdbe25d1b5",
    included={
        "image": {
            "path": "IncludedFlow/2daeaa8b5f19f0bc209d976c02bd6acb51b00b0a",
            "size": 43,
            "is_text": False,
        },
        "latin": {
            "path": "IncludedFlow/ec641dcd5a045c0401341acb3722194999e1a6f5",
            "size": 5,
            "encoding": "latin-1",
        },
        "notes": {"path": "IncludedFlow/094b5f3f313771d20d4e47030be541e0396e7c31", "size": 49},
    },
    production_token="includedflow-0-8384",
)


@dag(
    dag_id="IncludedFlow",
    params={
        "notes": Param(None, type=["null", "string"], pattern="^[{]", description="Any text."),
        "image": Param(None, type=["null", "string"], pattern="^[{]"),
        "latin": Param(None, type=["null", "string"], pattern="^[{]"),
        "nothing": Param(None, type=["null", "string"], pattern="^[{]"),
    },
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def included_flow():
    start = StepOperator(task_id="start")
    StepOperator(task_id="end", inputs=[start], outlets=[Asset("metaflow.IncludedFlow.end")])


included_flow()
