"""Waiting until Airflow serves the DAG file that was written last."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from metaflow_airflow.commands.dags_folder import find_file
from metaflow_airflow.commands.rest import Airflow, AirflowError

if TYPE_CHECKING:
    from airflow_client.client.models.dag_details_response import DAGDetailsResponse

# Airflow looks for new files every five minutes unless its [dag_processor] refresh_interval says otherwise.
LONGEST_WAIT_SECONDS = 360.0
POLL_SECONDS = 0.5


def wait_until_served(
    airflow: Airflow, dag_id: str, say: Callable[[str], None], timeout: float = LONGEST_WAIT_SECONDS
) -> "DAGDetailsResponse":
    """Return the DAG once Airflow serves the version in its file, or any version where the file is elsewhere.

    `say` is told, once, what is waited for. Raises AirflowError when Airflow does not know the DAG, cannot
    import its file, or has not read it after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    waiting = False
    while True:
        dag = airflow.dag(dag_id)
        file = find_file(dag_id) or _file_here(dag)
        if dag and not dag.is_stale and not dag.has_import_errors and _is_current(airflow, dag_id, file):
            return dag
        if file is None:
            raise AirflowError(
                f"Airflow at {airflow.url} has no DAG {dag_id!r}: run `airflow create` first, and if it "
                "wrote elsewhere, bring the file into Airflow's DAGs folder."
            )
        _require_importable(airflow, file)
        if time.monotonic() > deadline:
            raise AirflowError(
                f"Airflow at {airflow.url} has not read {file} for {timeout:.0f} s: "
                "see that its DAG processor runs and reads that folder."
            )
        if not waiting:
            say(f"Waiting for Airflow to read {file} ...")
            if dag:
                airflow.read_again(dag.file_token)
            waiting = True
        time.sleep(POLL_SECONDS)


def _file_here(dag: "DAGDetailsResponse | None") -> Path | None:
    """Return the file that Airflow has a DAG from, if it is on this machine."""
    file = Path(dag.fileloc) if dag and dag.fileloc else None
    return file if file and file.is_file() else None


def _is_current(airflow: Airflow, dag_id: str, file: Path | None) -> bool:
    return file is None or airflow.source(dag_id) == file.read_text()


def _require_importable(airflow: Airflow, file: Path) -> None:
    for error in airflow.import_errors():
        # What was wrong with an earlier version may have been mended.
        is_news = error.timestamp is not None and error.timestamp.timestamp() >= file.stat().st_mtime
        if is_news and Path(error.filename or "").name == file.name:
            reason = (error.stack_trace or "no reason given").strip().splitlines()[-1]
            raise AirflowError(f"Airflow cannot import {file}: {reason}")
