"""### From your data to your flows.

1. **prepare_data** is where the data team's tasks go.
2. Then the flows of `FLOWS` run, one after the other.
"""

from typing import Any

from airflow.sdk import Param, chain, dag, task
from pendulum import duration

from include.run_flows import run_flows

# The flows, in the order in which they run.
FLOWS: list[str] = [
    # one per line
]


@dag(
    schedule=None,
    max_active_runs=1,
    params={"raw_data": Param([], type="array", title="Raw data", description_md="What RAW_DATA names.")},
    default_args={"retries": 2, "retry_delay": duration(seconds=10)},
    tags=["data-engineering"],
    doc_md=__doc__,
)
def data_engineering_dag() -> None:
    """Chain the data team's tasks and the flows."""

    @task
    def prepare_data(params: Any = None) -> None:
        """Prepare the data that the flows use."""
        print("Raw data:", params["raw_data"])

    chain(prepare_data(), *run_flows(FLOWS))


data_engineering_dag()
