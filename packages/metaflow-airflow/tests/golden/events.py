"""
### EventsFlow

Store the triggers of the run and the parameters that they set.

orders, prices ==> start -> end

Compiled from `events.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python events.py airflow create events.py`.
"""

from airflow.sdk import Asset, Param, dag
from metaflow_airflow.operators import Flow, StepOperator

FLOW = Flow(
    name="EventsFlow",
    file="events.py",
    package="EventsFlow/data/a5/a56bf1b4fe6e40f110e77b226adbb0ebdcb074f0",
    production_token="eventsflow-0-8411",
)


@dag(
    dag_id="EventsFlow",
    schedule=[Asset.ref(name="orders"), Asset.ref(uri="s3://shop/prices.parquet")],
    params={
        "note": Param(None, type=["null", "string"]),
        "weight": Param(0.5, type="number"),
        "express": Param(False, type="boolean"),
        "structure": Param(None),
        "untouched": Param("as it was", type="string"),
    },
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def events_flow():
    start = StepOperator(
        task_id="start",
        event_parameters={
            "orders": {
                "note": "note",
                "weight": "kilos",
                "structure": "details",
                "express": "express",
            },
        },
    )
    StepOperator(task_id="end", inputs=[start], outlets=[Asset("metaflow.EventsFlow.end")])


events_flow()
