"""`make status`: the services, their addresses, and the last run of each DAG."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.flows import compiled_dags
from local.pipeline.served import PIPELINE_DAG
from local.pipeline.watch import faults
from local.stack.environment import login_note
from local.stack.health import is_ready
from local.stack.services import S3, SERVICES
from local.stack.settings import Settings

ADDRESSED = {S3: "s3_url", "api-server": "airflow_url"}


def show_status(settings: Settings, supervisor: Any) -> None:
    """Print the state of a running stack; `supervisor` is the RPC interface of its supervisord."""
    console = Console(highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("service", "state", "pid", "address"):
        table.add_column(column)
    ready = {}
    for service in SERVICES:
        process = supervisor.getProcessInfo(service)
        ready[service] = is_ready(service, settings, process["start"])
        state = "ready" if ready[service] else f"{process['statename'].lower()}, not ready"
        address = getattr(settings, ADDRESSED[service]) if service in ADDRESSED else ""
        table.add_row(service, state, str(process["pid"] or ""), address)
    console.print(table)
    if ready["api-server"]:
        api = AirflowApi(settings.airflow_url)
        console.print(_last_runs(api, settings))
        for fault in faults(settings, api):
            console.print(f"\n{fault.reason}: `make run` repairs it.", style="red", soft_wrap=True)
    if note := login_note(settings):
        console.print(f"\n{note}", soft_wrap=True)
    console.print(f"\nLogs: {settings.logs}   Environment: source {settings.env_file}", soft_wrap=True)


def _last_runs(api: AirflowApi, settings: Settings) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("\nlast run of", "\nstate", "\nsince"):
        table.add_column(column)
    for dag_id in (PIPELINE_DAG, *compiled_dags(settings)):
        if run := api.latest_run(dag_id):
            table.add_row(dag_id, str(run.state.value), _local_time(run.start_date or run.run_after))
    return table


def _local_time(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
