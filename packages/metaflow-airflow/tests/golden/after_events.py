"""
### AfterEventsFlow

Read the artifacts of the run that triggered this one.

EventsFlow ==> first -> last

Compiled from `after_events.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python after_events.py airflow create after_events.py`.
"""

from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="AfterEventsFlow",
    file="after_events.py",
    package="AfterEventsFlow/data/7c/7c8f0e9b0a903016deb43b09918f92cce107a62b",
    production_token="aftereventsflow-0-f45b",
)


@dag(
    dag_id="AfterEventsFlow",
    schedule=[Asset("metaflow.EventsFlow.end")],
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def after_events_flow():
    first = StepOperator(task_id="first")
    StepOperator(task_id="last", inputs=[first], outlets=[Asset("metaflow.AfterEventsFlow.end")])


after_events_flow()
