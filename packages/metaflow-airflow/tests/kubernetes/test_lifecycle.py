"""What becomes of a pod when its step fails, is stopped or cleared, or loses its worker."""

import pytest
from airflow.providers.cncf.kubernetes.pod_generator import make_safe_label_value
from airflow_client.client.api.dag_api import DAGApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.models.clear_task_instances_body import ClearTaskInstancesBody
from airflow_client.client.models.clear_task_instances_body_task_ids_inner import (
    ClearTaskInstancesBodyTaskIdsInner,
)
from airflow_client.client.models.dag_patch_body import DAGPatchBody
from airflow_client.client.models.patch_task_instance_body import PatchTaskInstanceBody
from airflow_client.client.models.task_instance_state import TaskInstanceState
from engine_support import compile_flow
from kubernetes_support import wait_until
from metaflow_airflow.operators.flow import metaflow_run_id
from metaflow_airflow.operators.pod import task_labels
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

FLOW = '''
from metaflow import FlowSpec, Parameter, retry, step
import time


class LifecycleFlow(FlowSpec):
    """Do in the first step what the parameter says."""

    what = Parameter("what", default="sleep")

    @retry(times=1, minutes_between_retries=0)
    @step
    def start(self):
        if self.what == "fail":
            raise ValueError("no such luck")
        if self.what == "exit":
            import os
            os._exit(202)
        time.sleep(600)
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
DAG = "LifecycleFlow"


@pytest.fixture(scope="module")
def airflow(kube_stack, tmp_path_factory):
    flow = tmp_path_factory.mktemp("flow") / "lifecycle.py"
    flow.write_text(FLOW)
    compile_flow(kube_stack.env, flow, kube_stack.dags_folder / "lifecycle.py")
    kube_stack.wait_for_dag(DAG)
    return kube_stack


@pytest.fixture
def pods(core, namespace):
    """Returns the namespace's pods that are not about to go, by the attempt they run."""

    def now():
        found = core.list_namespaced_pod(namespace).items
        return {
            pod.metadata.labels["metaflow/attempt"]: pod
            for pod in found
            if not pod.metadata.deletion_timestamp
        }

    yield now
    try:
        wait_until(lambda: not core.list_namespaced_pod(namespace).items, 90)
    finally:
        core.delete_collection_namespaced_pod(namespace, grace_period_seconds=0)


def wait_until_watched(airflow, run_id, number):
    """Return once Airflow's triggerer watches the pod of this try; before, it would not hear of a kill."""
    wait_until(lambda: "Checking pod" in "\n".join(airflow.rest.log(DAG, run_id, "start", number)))


def mark_failed(airflow, run_id):
    body = PatchTaskInstanceBody(new_state=TaskInstanceState.FAILED)
    TaskInstanceApi(airflow.rest.client).patch_task_instance(DAG, run_id, "start", body)


def trigger_and_wait_for_pod(airflow, pods):
    run_id = airflow.rest.trigger(DAG, {"what": "sleep"})
    wait_until(lambda: "0" in pods() and pods()["0"].status.phase == "Running", 120)
    wait_until_watched(airflow, run_id, 1)
    return run_id


def test_a_failed_step_fails_with_its_exit_code_after_its_retries(airflow, pods):
    run = airflow.rest.run(DAG, {"what": "fail"})
    assert run.state == "failed"
    for number in (1, 2):
        log = "\n".join(airflow.rest.log(DAG, run.dag_run_id, "start", number))
        assert "no such luck" in log
        assert "Step 'start' of LifecycleFlow failed (exit code 1, Error)" in log
        assert "outside of the Task Runner" not in log


def test_a_step_that_metaflow_says_not_to_retry_is_not_retried(airflow, pods):
    run = airflow.rest.run(DAG, {"what": "exit"})
    (start,) = [task for task in airflow.rest.task_instances(DAG, run.dag_run_id) if task.task_id == "start"]
    assert (run.state, start.try_number) == ("failed", 1)


def test_a_changed_code_package_is_not_run(airflow, pods):
    text = (airflow.dags_folder / "lifecycle.py").read_text()
    name = text.split('package="')[1].split('"')[0]
    bucket, _, root = airflow.env["METAFLOW_DATASTORE_SYSROOT_S3"].removeprefix("s3://").partition("/")
    package = {"Bucket": bucket, "Key": f"{root}/{name}"}
    genuine = airflow.s3.get_object(**package)["Body"].read()
    airflow.s3.put_object(**package, Body=genuine + b"\0")
    try:
        run = airflow.rest.run(DAG, {"what": "fail"})
        log = "\n".join(airflow.rest.log(DAG, run.dag_run_id, "start", 1))
    finally:
        airflow.s3.put_object(**package, Body=genuine)
    assert run.state == "failed"
    assert "was changed after it was compiled" in log
    assert "no such luck" not in log


def test_marking_a_waiting_step_failed_removes_its_pod(airflow, pods):
    mark_failed(airflow, trigger_and_wait_for_pod(airflow, pods))
    wait_until(lambda: not pods())


def test_a_cleared_step_starts_over_in_another_pod(airflow, pods):
    run_id = trigger_and_wait_for_pod(airflow, pods)
    start = ClearTaskInstancesBodyTaskIdsInner("start")
    body = ClearTaskInstancesBody(dag_run_id=run_id, task_ids=[start], dry_run=False, only_failed=False)
    TaskInstanceApi(airflow.rest.client).post_clear_task_instances(DAG, body)
    wait_until(lambda: set(pods()) == {"1"}, 120)
    wait_until_watched(airflow, run_id, 2)
    mark_failed(airflow, run_id)
    wait_until(lambda: not pods())


def test_a_pod_that_lost_its_worker_is_found_again(airflow, core, namespace, pods):
    dags = DAGApi(airflow.rest.client)
    dags.patch_dag(DAG, DAGPatchBody(is_paused=True))
    run_id = airflow.rest.trigger(DAG)
    run = airflow.rest.dag_run(DAG, run_id)
    metaflow_run = metaflow_run_id(DAG, run_id, run.run_after)
    # What a worker leaves that is lost between starting the pod and telling Airflow: the pod, and no more.
    task = StepTask(DAG, "lifecycle.py", "start", metaflow_run, "start", 0, 1)
    labels = {"dag_id": DAG, "task_id": "start", "run_id": make_safe_label_value(run_id)}
    labels |= {"kubernetes_pod_operator": "True", "try_number": "1", "metaflow/attempt": "0"}
    script = """sleep 20; echo '{"splits": 3}' > /dev/termination-log"""
    container = {"name": "base", "command": ["bash", "-c", script]}
    container["image"] = airflow.env["METAFLOW_KUBERNETES_CONTAINER_IMAGE"]
    body = {
        "metadata": {"name": "lost", "labels": labels | task_labels(task)},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    core.create_namespaced_pod(namespace, body)
    dags.patch_dag(DAG, DAGPatchBody(is_paused=False))
    wait_until(lambda: airflow.rest.xcom(DAG, run_id, "start") == [[0], [1], [2]], 120)
    log = "\n".join(airflow.rest.log(DAG, run_id, "start", 1))
    assert "Going on with pod lost" in log
    # The steps after it have no input, as this pod was none of Metaflow's.
    assert airflow.rest.wait(DAG, run_id, 300).state == "failed"
