"""A flow whose first step does what its parameter says, for the tests of its pods' lifecycle."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.models.clear_task_instances_body import ClearTaskInstancesBody
from airflow_client.client.models.clear_task_instances_body_task_ids_inner import (
    ClearTaskInstancesBodyTaskIdsInner,
)
from airflow_client.client.models.patch_task_instance_body import PatchTaskInstanceBody
from airflow_client.client.models.task_instance_state import TaskInstanceState
from engine_support import compile_flow, wait_until
from kubernetes_support import KubernetesStack

DAG = "LifecycleFlow"
SELECTOR = f"dag_id={DAG}"
FLOW = '''
from metaflow import FlowSpec, Parameter, retry, step
import time


class LifecycleFlow(FlowSpec):
    """Do what the parameter says in the first step."""

    what = Parameter("what", default="sleep")

    @retry(times=1, minutes_between_retries=0)
    @step
    def start(self):
        if self.what == "fail":
            raise ValueError("failed on purpose")
        if self.what == "exit":
            import os
            os._exit(202)
        print("at work")
        time.sleep(40 if self.what == "nap" else 600)
        self.items = [1, 2]
        self.next(self.body, foreach="items")

    @step
    def body(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LifecycleFlow()
'''


@dataclass(frozen=True)
class Lifecycle:
    """The flow on a stack, and its pods on a cluster (`core` is the API of the cluster)."""

    stack: KubernetesStack
    core: Any

    def compile(self, folder: Path) -> None:
        flow = folder / "lifecycle.py"
        flow.write_text(FLOW)
        compile_flow(self.stack.env, flow, self.stack.dags_folder / "lifecycle.py")
        self.stack.wait_for_dag(DAG)

    def pods(self) -> dict[str, Any]:
        """By attempt, return the flow's pods that are not being deleted."""
        found = self.core.list_namespaced_pod(self.stack.namespace, label_selector=SELECTOR).items
        return {
            pod.metadata.labels["metaflow/attempt"]: pod
            for pod in found
            if not pod.metadata.deletion_timestamp
        }

    def expect_no_pods(self) -> None:
        """Wait until every pod has at least been deleted; then remove all at once, as that takes its time."""
        try:
            wait_until(lambda: not self.pods(), 90)
        finally:
            self.core.delete_collection_namespaced_pod(
                self.stack.namespace, label_selector=SELECTOR, grace_period_seconds=0
            )

    def log(self, run_id: str, number: int = 1) -> str:
        return "\n".join(self.stack.rest.log(DAG, run_id, "start", number))

    def state(self, run_id: str) -> str | None:
        tasks = self.stack.rest.task_instances(DAG, run_id)
        return next(task.state for task in tasks if task.task_id == "start")

    def wait_until_watched(self, run_id: str, number: int = 1) -> None:
        """Wait until Airflow's triggerer watches the pod of this try."""
        wait_until(lambda: "Waiting for pod" in self.log(run_id, number), 120)

    def start(self, what: str) -> str:
        """Start a run and return its id once its first pod is running and watched."""
        run_id = self.stack.rest.trigger(DAG, {"what": what})
        wait_until(lambda: "0" in self.pods() and self.pods()["0"].status.phase == "Running", 180)
        self.wait_until_watched(run_id)
        return run_id

    def mark_failed(self, run_id: str) -> None:
        body = PatchTaskInstanceBody(new_state=TaskInstanceState.FAILED)
        TaskInstanceApi(self.stack.rest.client).patch_task_instance(DAG, run_id, "start", body)

    def clear(self, run_id: str) -> None:
        start = ClearTaskInstancesBodyTaskIdsInner("start")
        body = ClearTaskInstancesBody(dag_run_id=run_id, task_ids=[start], dry_run=False, only_failed=False)
        TaskInstanceApi(self.stack.rest.client).post_clear_task_instances(DAG, body)
