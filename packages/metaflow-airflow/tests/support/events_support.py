"""Flows that wait for events, the DAG that creates these events, and the content of the runs."""

import time

from engine_support import HOSTILE, read_run
from metaflow_airflow.run_ids import metaflow_run_id

# The data team's DAG: it owns the assets; its params become the payload of their events.
OWNER = """
from airflow.sdk import Asset, Param, dag, task

ORDERS = Asset(name="orders", uri="s3://shop/orders.parquet")
PRICES = Asset(name="prices", uri="s3://shop/prices.parquet")


@dag(dag_id="owner", params={"orders": Param({}, type="object")})
def owner():
    @task(outlets=[ORDERS])
    def orders(params=None, outlet_events=None):
        outlet_events[ORDERS].extra = params["orders"]

    @task(outlets=[PRICES])
    def prices():
        pass

    orders() >> prices()


owner()
"""
PAYLOAD = {
    "note": HOSTILE,
    "kilos": "2.5",
    "express": "True",
    "details": {"$(id)": ["{{ 1 }}", None]},
    "untouched": "by an event that does not set it",
}
# A flow with an event decorator.
FLOW = """
from metaflow import FlowSpec, Parameter, step, {imports}

@{decorator}
class MistakenFlow(FlowSpec):
    alpha = Parameter("alpha", default="a")
    needed = Parameter("needed", required=True)

    @step(start=True, end=True)
    def only(self):
        pass

if __name__ == "__main__":
    MistakenFlow()
"""


def run_after(stack, dag_id, known=None, timeout=120):
    """Return a DAG's newest run, other than the known one, once it has ended."""
    deadline = time.monotonic() + timeout
    while (run := stack.rest.latest_run(dag_id)) is None or run.dag_run_id == known:
        assert time.monotonic() < deadline, f"no event started {dag_id}"
        time.sleep(0.6)
    return stack.rest.wait(dag_id, run.dag_run_id)


def pathspec(flow, run):
    """Return the pathspec of a DAG run's Metaflow run."""
    return f"{flow}/{metaflow_run_id(run.dag_id, run.dag_run_id, run.run_after)}"


def artifacts(stack, flow, run, step):
    """Return the artifacts of a step's only task."""
    (task,) = read_run(stack.env, pathspec(flow, run))["steps"][step]
    return task["artifacts"]
