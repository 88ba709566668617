"""`make run` on a running stack: compile the flows, run the pipeline, follow it and report."""

import sys

from rich.console import Console

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.failure import show_failure
from local.pipeline.flows import compile_flows
from local.pipeline.following import Follower, RunView
from local.pipeline.report import show_report
from local.pipeline.served import PIPELINE_DAG, wait_until_served
from local.pipeline.view import run_view
from local.stack.settings import Settings

INTERRUPTED = 130


def run_pipeline(settings: Settings, sources: list[str]) -> int:
    """Run the pipeline on these trip records and report.

    The stack's variables must be in this process's environment: Metaflow reads them when it is imported.

    Returns:
        The exit code: 0 if all DAG runs succeeded, 1 if one failed, 130 after Ctrl-C.
    """
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    api = AirflowApi(settings.airflow_url)
    for note in compile_flows(settings):
        console.print(note, soft_wrap=True)
    wait_until_served(api, settings)
    run_id = api.trigger(PIPELINE_DAG, {"raw_data": sources})
    address = f"{settings.airflow_url}/dags/{PIPELINE_DAG}/runs/{run_id}"
    console.print(f"\nFollow it here or at {address}\n", soft_wrap=True)
    try:
        with run_view(console) as show_runs:
            runs = Follower(api, PIPELINE_DAG, run_id).follow(show_runs)
    except KeyboardInterrupt:
        console.print(f"\nThe run continues in Airflow: {address} (`make stop` ends it).", soft_wrap=True)
        return INTERRUPTED
    return _conclude(console, api, settings, runs)


def _conclude(console: Console, api: AirflowApi, settings: Settings, runs: list[RunView]) -> int:
    if any(run.state != "success" for run in runs):
        show_failure(console, api, settings, runs)
        return 1
    show_report(console, api, settings, runs)
    return 0
