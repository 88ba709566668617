"""A flow that is deployed again while it runs, and what its steps then say about their version."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.api.variable_api import VariableApi
from airflow_client.client.models.clear_task_instances_body import ClearTaskInstancesBody
from airflow_client.client.models.variable_body import VariableBody
from engine_support import compile_flow, read_run
from metaflow_airflow.operators.kept_version import LATEST
from metaflow_airflow.run_ids import metaflow_run_id

from tests.support.running_stack import RunningStack

DAG = "RedeployedFlow"
FLOW = """
import os
import time

from metaflow import FlowSpec, IncludeFile, current, environment, retry, step

VERSION = "{version}"


class RedeployedFlow(FlowSpec):
    included = IncludeFile("included", default="included.txt")

    def describe(self):
        return [VERSION, self.included, os.environ["DECLARED"], current.namespace]

    @environment(vars={{"DECLARED": "{version}"}})
    @step
    def start(self):
        self.at_start = self.describe()
        self.next(self.end)
{more}
    @environment(vars={{"DECLARED": "{version}"}})
    @step
    def end(self):
        self.at_end = self.describe()


if __name__ == "__main__":
    RedeployedFlow()
"""
ADDED_STEP = """
    @step
    def added(self):
        self.next(self.end)

"""


class Redeployment:
    """One DAG of the flow, its versions, and one run of it."""

    def __init__(self, stack: RunningStack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        self.run_id = ""

    def deploy(self, version: str, *, added_step: bool = False) -> None:
        """Deploy a version: it has other code, another included file, environment variable and token."""
        text = FLOW.format(version=version, more=ADDED_STEP if added_step else "")
        if added_step:
            text = text.replace("self.next(self.end)", "self.next(self.added)", 1)
        (self.folder / "redeployed.py").write_text(text)
        (self.folder / "included.txt").write_text(version)
        target = self.stack.dags_folder / "redeployed.py"
        options = ["--new-token", f"token-{version}"]
        compile_flow(self.stack.env, Path("redeployed.py"), target, *options, cwd=self.folder)

    def clear(self, *task_ids: str) -> Any:
        """Clear tasks as the button in Airflow's UI does, and return the run once it has ended."""
        body = {"dry_run": False, "dag_run_id": self.run_id, "task_ids": list(task_ids)}
        body |= {"only_failed": False, "include_downstream": False, "reset_dag_runs": True}
        api = TaskInstanceApi(self.stack.rest.client)
        api.post_clear_task_instances(DAG, ClearTaskInstancesBody.from_dict(body))
        return self.stack.rest.wait(DAG, self.run_id, timeout=300)

    @contextmanager
    def asking_for_the_latest_version(self) -> Iterator[None]:
        """Set the variable that asks for it, meanwhile."""
        variables = VariableApi(self.stack.rest.client)
        variables.post_variable(VariableBody(key=LATEST, value=f"another/run {DAG}/{self.run_id}"))
        yield
        variables.delete_variable(LATEST)

    def seen(self) -> dict[str, list[str]]:
        """Return what the steps saw of their version: code, included file, variable, namespace."""
        run_after = self.stack.rest.dag_run(DAG, self.run_id).run_after
        run = read_run(self.stack.env, f"{DAG}/{metaflow_run_id(DAG, self.run_id, run_after)}")
        (start,), (end,) = run["steps"]["start"], run["steps"]["end"]
        return {
            "start": start["artifacts"]["at_start"],
            "end": end["artifacts"]["at_end"],
        }


def described(version: str) -> list[str]:
    """Return what a step of a version sees."""
    return [version, version, version, f"production:token-{version}"]
