"""Flows that wait for events, the DAG that makes these events, and what the runs hold."""

import time

from engine_support import HOSTILE, read_run
from metaflow_airflow.run_ids import metaflow_run_id

# The data team's DAG: it owns the assets, and says in their events what it is told to.
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
    """Return a DAG's newest run once it has ended and is another one than the one known."""
    deadline = time.monotonic() + timeout
    while (run := stack.rest.latest_run(dag_id)) is None or run.dag_run_id == known:
        assert time.monotonic() < deadline, f"nothing started {dag_id}"
        time.sleep(0.6)
    return stack.rest.wait(dag_id, run.dag_run_id)


def pathspec(flow, run):
    return f"{flow}/{metaflow_run_id(run.dag_id, run.dag_run_id, run.run_after)}"


def artifacts(stack, flow, run, step):
    (task,) = read_run(stack.env, pathspec(flow, run))["steps"][step]
    return task["artifacts"]
