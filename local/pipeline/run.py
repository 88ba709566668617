"""`make run` on a running stack: compile the flows, run the pipeline, follow it and report."""

import sys
import time

from rich.console import Console

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.failure import show_failure
from local.pipeline.flows import compile_flows
from local.pipeline.following import Follower, RunView
from local.pipeline.raw_data import allow_raw_data
from local.pipeline.report import show_report
from local.pipeline.served import PIPELINE_DAG, wait_until_served
from local.pipeline.view import run_view
from local.pipeline.watch import Watch
from local.stack.environment import login_note
from local.stack.settings import Settings
from local.stack.start_and_stop import Show

INTERRUPTED = 130


def run_pipeline(settings: Settings, sources: list[str], show: Show) -> int:
    """Run the pipeline on these trip records and report.

    The stack's variables must be in this process's environment: Metaflow reads them when it is imported.

    Args:
        settings: Those of a running stack.
        sources: The trip records, see `raw_data_sources`; none for generated ones.
        show: Called after each step before the run, as by `up`.

    Returns:
        The exit code: 0 if all DAG runs succeeded, 1 if one failed, 130 after Ctrl-C.
    """
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    api = AirflowApi(settings.airflow_url)
    watch = Watch(settings, api, lambda line: console.print(line, soft_wrap=True))
    begin = time.monotonic()
    notes = compile_flows(settings)
    show("flows", "compiled", time.monotonic() - begin)
    for note in notes:
        console.print(note, soft_wrap=True)
    begin = time.monotonic()
    wait_until_served(api, settings)
    show("DAGs", "ready", time.monotonic() - begin)
    allow_raw_data(sources, settings)
    if note := login_note(settings):
        console.print(f"\n{note}", soft_wrap=True)
    run_id = api.trigger(PIPELINE_DAG, {"raw_data": sources})
    address = f"{settings.airflow_url}/dags/{PIPELINE_DAG}/runs/{run_id}"
    console.print(f"\nFollow it here or at {address}\n", soft_wrap=True)
    try:
        with run_view(console) as show_runs:
            runs = Follower(api, PIPELINE_DAG, run_id).follow(show_runs, watch.look)
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
