"""`make run`: the whole pipeline, from starting the stack to the report."""

import os
import sys

from rich.console import Console

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.failure import show_failure
from local.pipeline.flows import DATA_DAG, PREDICT, TRAIN, compile_flows, wait_until_served
from local.pipeline.following import Follower, RunView
from local.pipeline.raw_data import raw_data_sources
from local.pipeline.view import run_view
from local.stack.environment import process_environment
from local.stack.settings import Settings
from local.stack.start_and_stop import Show, up

# The tasks of the data DAG that trigger the flows' DAGs.
CHILDREN = {"train": TRAIN.dag_id, "predict": PREDICT.dag_id}
INTERRUPTED = 130


def run_pipeline(settings: Settings, show: Show) -> int:
    """Run the pipeline and report; return 0 if all three DAG runs succeeded, else the exit code."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    sources = raw_data_sources(os.environ.get("RAW_DATA", ""))
    settings = up(settings, show)
    api = AirflowApi(settings.airflow_url)
    compile_flows(settings)
    wait_until_served(api, settings)
    run_id = api.trigger(DATA_DAG, {"raw_data": sources})
    address = f"{settings.airflow_url}/dags/{DATA_DAG}/runs/{run_id}"
    console.print(f"\nFollow it here or at {address}\n", soft_wrap=True)
    try:
        with run_view(console) as show_runs:
            runs = Follower(api, DATA_DAG, run_id, CHILDREN).follow(show_runs)
    except KeyboardInterrupt:
        console.print(f"\nThe run goes on in Airflow: {address} (`make stop` ends it).", soft_wrap=True)
        return INTERRUPTED
    return _conclude(console, api, settings, runs)


def _conclude(console: Console, api: AirflowApi, settings: Settings, runs: list[RunView]) -> int:
    if any(run.state != "success" for run in runs):
        show_failure(console, api, settings, runs)
        return 1
    os.environ.update(process_environment(settings))
    from local.pipeline.figures import read_figures  # imports Metaflow, which reads the environment only then
    from local.pipeline.report import show_report

    run_ids = {run.dag_id: run.run_id for run in runs if run.run_id}
    show_report(console, read_figures(api, settings, run_ids), settings)
    return 0
