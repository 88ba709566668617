"""DAG runs, their tasks, XComs and logs, through the engine's client of Airflow's REST API."""

import json
import os
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from http import HTTPStatus
from typing import Any

from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.api.task_api import TaskApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.api.x_com_api import XComApi
from airflow_client.client.models.dag_run_response import DAGRunResponse
from airflow_client.client.models.import_error_response import ImportErrorResponse
from airflow_client.client.models.task_instance_response import TaskInstanceResponse
from metaflow_airflow.commands.rest import Airflow

FINISHED = ("success", "failed")
TIMEOUT_SECONDS = 120.0  # of one request: SQLite lets only one process write at a time
AIRFLOW_CODE = f"{os.sep}site-packages{os.sep}airflow{os.sep}"  # of no help in a traceback


class AirflowApi:
    """The stack's Airflow, at an address. All methods raise the engine's AirflowError."""

    def __init__(self, url: str) -> None:
        self.airflow = Airflow(url, timeout=TIMEOUT_SECONDS)
        self.client = self.airflow.client

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run of a DAG now and return its run id."""
        return self.airflow.trigger(dag_id, conf or {}).dag_run_id

    def dag_run(self, dag_id: str, run_id: str) -> DAGRunResponse:
        """Return one DAG run."""
        run: DAGRunResponse = self.airflow.ask(DagRunApi(self.client).get_dag_run, dag_id, run_id)
        return run

    def latest_run(self, dag_id: str) -> DAGRunResponse | None:
        """Return the run that was triggered last, None if there is none."""
        return next(self.airflow.runs(dag_id), None)

    def wait(self, dag_id: str, run_id: str, timeout: float = 300) -> DAGRunResponse:
        """Return a DAG run once it has succeeded or failed. Raises TimeoutError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while (run := self.dag_run(dag_id, run_id)).state not in FINISHED:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{dag_id} {run_id} is {run.state} after {timeout:.0f} s")
            time.sleep(0.6)
        return run

    def run(self, dag_id: str, conf: dict[str, Any] | None = None, timeout: float = 300) -> DAGRunResponse:
        """Start a run of a DAG and return it once it has succeeded or failed."""
        return self.wait(dag_id, self.trigger(dag_id, conf), timeout)

    def task_ids(self, dag_id: str) -> list[str]:
        """Return the task ids of a DAG, each after those of its upstream tasks."""
        order: TopologicalSorter[str] = TopologicalSorter()
        for task in self.airflow.ask(TaskApi(self.client).get_tasks, dag_id).tasks:
            order.add(str(task.task_id))
            for follower in task.downstream_task_ids or []:
                order.add(follower, str(task.task_id))
        return list(order.static_order())

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstanceResponse]:
        """Return all task instances of a run, those of mapped tasks included."""
        listing = TaskInstanceApi(self.client).get_task_instances
        return list(self.airflow.pages(listing, "task_instances", dag_id, run_id))

    def xcom(
        self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1
    ) -> Any:
        """Return the value of an XCom, None if the task has not pushed it."""
        entry = self.airflow.find(
            XComApi(self.client).get_xcom_entry,
            dag_id=dag_id,
            dag_run_id=run_id,
            task_id=task_id,
            xcom_key=key,
            map_index=map_index,
            deserialize=True,
        )
        return entry.actual_instance.value if entry and entry.actual_instance else None

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1) -> list[str]:
        """Return the lines of the log of one try of a task, tracebacks of exceptions included."""
        # The client's own parsing drops everything in a log entry but its text.
        answer = self.airflow.ask(
            TaskInstanceApi(self.client).get_log_without_preload_content,
            dag_id,
            run_id,
            task_id,
            try_number,
            map_index=map_index,
            full_content=True,
        )
        if answer.status != HTTPStatus.OK:
            return []
        return [line for entry in json.loads(answer.data)["content"] for line in _log_lines(entry)]

    def import_errors(self) -> list[ImportErrorResponse]:
        """Return the import errors of DAG files (the latest 100)."""
        return self.airflow.import_errors()

    def source(self, dag_id: str) -> str | None:
        """Return the file of the DAG's newest version as Airflow has it, None if it does not know the DAG."""
        return self.airflow.source(dag_id)

    def is_served(self, dag_id: str) -> bool:
        """Return whether Airflow knows this DAG, and its file still defines it and can be imported."""
        dag = self.airflow.dag(dag_id)
        return dag is not None and not dag.is_stale and not dag.has_import_errors


def _log_lines(entry: Any) -> Iterator[str]:
    """Yield the lines of a structured log entry."""
    if isinstance(entry, str):
        yield from entry.splitlines()
        return
    yield from str(entry["event"]).splitlines()
    for error in reversed(entry.get("error_detail") or []):  # Airflow puts the cause last
        for frame in error["frames"]:
            if AIRFLOW_CODE not in frame["filename"]:
                yield f"  {frame['filename']}:{frame['lineno']} in {frame['name']}"
        yield from f"{error['exc_type']}: {error['exc_value']}".splitlines()
