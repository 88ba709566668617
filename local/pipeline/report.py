"""The report at the end of `make run`: what the tasks and the flows report, and what to try next.

Any task of a DAG may push an XCom named `report`, and any flow may have an artifact named `report`: a text in
Markdown, shown as it is.
"""

import logging
import shlex
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.flows import compiled_dags
from local.pipeline.following import RunView
from local.stack.settings import Settings

REPORT = "report"


def show_report(console: Console, api: AirflowApi, settings: Settings, runs: list[RunView]) -> None:
    """Print the reports of finished runs; without a terminal it is plain text."""
    flows = compiled_dags(settings)
    for run in runs:
        for text in _flow_report(api, run) if run.dag_id in flows else _task_reports(api, run):
            console.print()
            console.print(Markdown(text))
    console.print()
    console.print(_addresses(settings))
    console.print()
    console.print(_next_steps(settings))


def _task_reports(api: AirflowApi, run: RunView) -> Iterator[str]:
    """Yield what the tasks of a DAG run have pushed as their report."""
    for task in run.tasks:
        if text := api.xcom(run.dag_id, run.run_id, task.task_id, key=REPORT):
            yield str(text)


def _flow_report(api: AirflowApi, run: RunView) -> Iterator[str]:
    """Yield the report artifact of the Metaflow run that a DAG run is, if it has one."""
    from metaflow import Run, namespace
    from metaflow_airflow.run_ids import metaflow_run_id

    logging.getLogger("botocore").setLevel(logging.WARNING)  # Airflow's import has set it to INFO
    namespace(None)
    run_after = api.dag_run(run.dag_id, run.run_id).run_after
    artifacts = Run(f"{run.dag_id}/{metaflow_run_id(run.dag_id, run.run_id, run_after)}").data
    if text := getattr(artifacts, REPORT, None):
        yield str(text)


def _addresses(settings: Settings) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("Airflow", f"{settings.airflow_url} (no login)")
    table.add_row("S3", f"{settings.s3_url} (keys in {_shown(settings.env_file)})")
    return table


def _next_steps(settings: Settings) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("[bold]Try next[/]")
    table.add_row("  RAW_DATA=<files> make run", "your own trips: CSV or Parquet; paths, http(s):// or s3://")
    by_hand = "then: python include/<name>_flow.py run, airflow dags list, …"
    table.add_row(f"  source {shlex.quote(_shown(settings.env_file))}", by_hand)
    table.add_row("  make new-flow NAME=<name>", "a flow of your own")
    table.add_row("  make status, make stop", "see what is running; stop it")
    return table


def _shown(file: Path) -> str:
    """Return a file's path relative to the current directory if it is below it."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
