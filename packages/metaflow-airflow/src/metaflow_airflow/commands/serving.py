"""Waiting until Airflow serves the latest version of a DAG file."""

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
    """Return the DAG once Airflow serves the version in its file.

    Args:
        airflow: The Airflow.
        dag_id: The DAG's id. If its file is not on this machine, any version of it is returned.
        say: Called once, with a message, if there is something to wait for.
        timeout: Most seconds to wait.

    Raises:
        AirflowError: Airflow does not know the DAG, cannot import its file, or has not read it in time.
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
                f"Airflow at {airflow.url} has no DAG {dag_id!r}: run `airflow create` first, or copy the "
                "file that it wrote into Airflow's DAGs folder."
            )
        _require_importable(airflow, file)
        if time.monotonic() > deadline:
            raise AirflowError(
                f"Airflow at {airflow.url} has not read {file} for {timeout:.0f} s: "
                "check that its DAG processor is running and reads that folder."
            )
        if not waiting:
            say(f"Waiting for Airflow to read {file} ...")
            if dag:
                airflow.read_again(dag.file_token)
            waiting = True
        time.sleep(POLL_SECONDS)


def _file_here(dag: "DAGDetailsResponse | None") -> Path | None:
    """Return the file that Airflow serves a DAG from, if it is on this machine."""
    file = Path(dag.fileloc) if dag and dag.fileloc else None
    return file if file and file.is_file() else None


def _is_current(airflow: Airflow, dag_id: str, file: Path | None) -> bool:
    return file is None or airflow.source(dag_id) == file.read_text()


def _require_importable(airflow: Airflow, file: Path) -> None:
    for error in airflow.import_errors():
        # An error in an earlier version of the file may have been fixed.
        is_current = error.timestamp is not None and error.timestamp.timestamp() >= file.stat().st_mtime
        if is_current and Path(error.filename or "").name == file.name:
            reason = (error.stack_trace or "no reason given").strip().splitlines()[-1]
            raise AirflowError(f"Airflow cannot import {file}: {reason}")
