"""
### ConfiguredFlow

Every step sees the same configs.

start -> end

Compiled from `configured.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python configured.py airflow create configured.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, StepOperator
from pendulum import duration

FLOW = Flow(
    name="ConfiguredFlow",
    file="configured.py",
    package="ConfiguredFlow/data/67/67dcf9f2d1faad00d5450a04bee657fed93976bc",
    production_token="configuredflow-0-d2a6",
)


@dag(
    dag_id="ConfiguredFlow",
    params={"rate": Param(0.5, type="number"), "added": Param(0.5, type="number")},
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def configured_flow():
    start = StepOperator(
        task_id="start",
        retries=2,
        retry_delay=duration(seconds=0),
        env={"NAME": "$(id) 'ü' {{ 1 }}"},
    )
    StepOperator(task_id="end", inputs=[start], outlets=[Asset("metaflow.ConfiguredFlow.end")])


configured_flow()
