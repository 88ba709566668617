"""What the project asks of Airflow's REST API, through the official client."""

import json
import os
import time
from collections.abc import Iterator
from graphlib import TopologicalSorter
from http import HTTPStatus
from typing import Any

from airflow_client.client import ApiClient, Configuration
from airflow_client.client.api.dag_api import DAGApi
from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.api.dag_source_api import DagSourceApi
from airflow_client.client.api.import_error_api import ImportErrorApi
from airflow_client.client.api.task_api import TaskApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.api.x_com_api import XComApi
from airflow_client.client.exceptions import NotFoundException
from airflow_client.client.models.dag_run_response import DAGRunResponse
from airflow_client.client.models.import_error_response import ImportErrorResponse
from airflow_client.client.models.task_instance_response import TaskInstanceResponse
from airflow_client.client.models.trigger_dag_run_post_body import TriggerDAGRunPostBody

FINISHED = ("success", "failed")
PAGE = 100  # Airflow's own limit
AIRFLOW_CODE = f"{os.sep}site-packages{os.sep}airflow{os.sep}"  # of no help in a traceback


class AirflowApi:
    """One Airflow's REST API. Its errors are those of `airflow_client.client.exceptions`."""

    def __init__(self, url: str) -> None:
        self.client = ApiClient(Configuration(host=url))

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run of a DAG now and return its run id."""
        body = TriggerDAGRunPostBody(logical_date=None, conf=conf or {})
        return DagRunApi(self.client).trigger_dag_run(dag_id, body).dag_run_id

    def dag_run(self, dag_id: str, run_id: str) -> DAGRunResponse:
        """Return one DAG run."""
        return DagRunApi(self.client).get_dag_run(dag_id, run_id)

    def latest_run(self, dag_id: str) -> DAGRunResponse | None:
        """Return the run that was triggered last, if there is any."""
        try:
            runs = DagRunApi(self.client).get_dag_runs(dag_id, limit=1, order_by=["-run_after"])
        except NotFoundException:
            return None
        return next(iter(runs.dag_runs), None)

    def wait(self, dag_id: str, run_id: str, timeout: float = 300) -> DAGRunResponse:
        """Return a DAG run once it has finished, well or not. Raises TimeoutError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while (run := self.dag_run(dag_id, run_id)).state not in FINISHED:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{dag_id} {run_id} is {run.state} after {timeout:.0f} s")
            time.sleep(0.6)
        return run

    def run(self, dag_id: str, conf: dict[str, Any] | None = None, timeout: float = 300) -> DAGRunResponse:
        """Start a run of a DAG and return it once it has finished, well or not."""
        return self.wait(dag_id, self.trigger(dag_id, conf), timeout)

    def task_ids(self, dag_id: str) -> list[str]:
        """Return the task ids of a DAG, each after those it waits for."""
        order: TopologicalSorter[str] = TopologicalSorter()
        for task in TaskApi(self.client).get_tasks(dag_id).tasks:
            order.add(str(task.task_id))
            for follower in task.downstream_task_ids or []:
                order.add(follower, str(task.task_id))
        return list(order.static_order())

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstanceResponse]:
        """Return all task instances of a run, mapped ones included."""
        return list(self._task_instance_pages(dag_id, run_id))

    def _task_instance_pages(self, dag_id: str, run_id: str) -> Iterator[TaskInstanceResponse]:
        api, offset, total = TaskInstanceApi(self.client), 0, 1
        while offset < total:
            page = api.get_task_instances(dag_id, run_id, limit=PAGE, offset=offset)
            yield from page.task_instances
            offset, total = offset + PAGE, page.total_entries or 0

    def xcom(
        self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1
    ) -> Any:
        """Return an XCom's value, or None when the task has pushed none (yet)."""
        try:
            entry = XComApi(self.client).get_xcom_entry(
                dag_id=dag_id,
                dag_run_id=run_id,
                task_id=task_id,
                xcom_key=key,
                map_index=map_index,
                deserialize=True,
            )
        except NotFoundException:
            return None
        return entry.actual_instance.value if entry.actual_instance else None

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1) -> list[str]:
        """Return the log of one try of a task, exceptions with their traceback, a line each."""
        # The client's own reading of the answer drops what a log entry holds beside its text.
        answer = TaskInstanceApi(self.client).get_log_without_preload_content(
            dag_id, run_id, task_id, try_number, map_index=map_index, full_content=True
        )
        if answer.status != HTTPStatus.OK:
            return []
        return [line for entry in json.loads(answer.data)["content"] for line in _log_lines(entry)]

    def import_errors(self) -> list[ImportErrorResponse]:
        """Return what is wrong with the DAG files that cannot be imported (at most the latest 100)."""
        errors = ImportErrorApi(self.client).get_import_errors(limit=PAGE, order_by=["-timestamp"])
        return errors.import_errors

    def source(self, dag_id: str) -> str | None:
        """Return the file of the DAG's newest version as Airflow has it, or None if it knows no such DAG."""
        try:
            return DagSourceApi(self.client).get_dag_source(dag_id).content
        except NotFoundException:
            return None

    def is_served(self, dag_id: str) -> bool:
        """Say whether Airflow knows this DAG, its file still holds it, and can be imported."""
        try:
            dag = DAGApi(self.client).get_dag(dag_id)
        except NotFoundException:
            return False
        return not dag.is_stale and not dag.has_import_errors


def _log_lines(entry: Any) -> list[str]:
    """Turn a structured log entry into lines."""
    if isinstance(entry, str):
        return entry.splitlines()
    lines = str(entry["event"]).splitlines()
    for error in reversed(entry.get("error_detail") or []):  # Airflow puts the cause last
        own = [frame for frame in error["frames"] if AIRFLOW_CODE not in frame["filename"]]
        lines += [f"  {frame['filename']}:{frame['lineno']} in {frame['name']}" for frame in own]
        lines += f"{error['exc_type']}: {error['exc_value']}".splitlines()
    return lines
