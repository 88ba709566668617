"""What happens to a pod if its step fails, is stopped or cleared, or loses its worker."""

from airflow.providers.cncf.kubernetes.pod_generator import make_safe_label_value
from airflow_client.client.api.dag_api import DAGApi
from airflow_client.client.models.dag_patch_body import DAGPatchBody
from engine_support import wait_until
from kubernetes_support import WORKERS
from lifecycle_support import DAG
from metaflow_airflow.run_ids import metaflow_run_id
from metaflow_airflow.runners.kubernetes.pod_description import task_labels
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask
from restricted_pods import RESTRICTED_CONTAINER, RESTRICTED_POD


def test_a_failed_step_fails_with_its_exit_code_after_its_retries(lifecycle):
    run = lifecycle.stack.rest.run(DAG, {"what": "fail"})
    assert run.state == "failed"
    for number in (1, 2):
        log = lifecycle.log(run.dag_run_id, number)
        assert "failed on purpose" in log
        assert "Step 'start' of LifecycleFlow failed (exit code 1, Error)" in log
        assert "outside of the Task Runner" not in log


def test_a_step_that_must_not_be_retried_is_not(lifecycle):
    rest = lifecycle.stack.rest
    run = rest.run(DAG, {"what": "exit"})
    (start,) = [task for task in rest.task_instances(DAG, run.dag_run_id) if task.task_id == "start"]
    assert (run.state, start.try_number) == ("failed", 1)


def test_a_changed_code_package_is_not_run(lifecycle):
    stack = lifecycle.stack
    text = (stack.dags_folder / "lifecycle.py").read_text()
    name = text.split('package="')[1].split('"')[0]
    bucket, _, root = stack.env["METAFLOW_DATASTORE_SYSROOT_S3"].removeprefix("s3://").partition("/")
    package = {"Bucket": bucket, "Key": f"{root}/{name}"}
    genuine = stack.s3.get_object(**package)["Body"].read()
    stack.s3.put_object(**package, Body=genuine + b"\0")
    try:
        run = stack.rest.run(DAG, {"what": "fail"})
        log = lifecycle.log(run.dag_run_id)
    finally:
        stack.s3.put_object(**package, Body=genuine)
    assert run.state == "failed"
    assert "was changed after the flow was compiled" in log
    assert "failed on purpose" not in log


def test_waiting_steps_occupy_no_worker_and_their_output_is_logged_while_they_run(lifecycle):
    runs = [lifecycle.stack.rest.trigger(DAG, {"what": "sleep"}) for _ in range(WORKERS + 1)]
    wait_until(lambda: [lifecycle.state(run_id) for run_id in runs] == ["deferred"] * len(runs), 300)
    for run_id in runs:
        wait_until(lambda run_id=run_id: "at work" in lifecycle.log(run_id).splitlines(), 180)
        assert lifecycle.state(run_id) == "deferred"
        lifecycle.mark_failed(run_id)
    wait_until(lambda: not lifecycle.pods())


def test_a_cleared_step_starts_over_in_another_pod(lifecycle):
    run_id = lifecycle.start("sleep")
    lifecycle.clear(run_id)
    wait_until(lambda: set(lifecycle.pods()) == {"1"}, 180)
    lifecycle.wait_until_watched(run_id, 2)
    lifecycle.mark_failed(run_id)
    wait_until(lambda: not lifecycle.pods())


def test_a_deleted_pod_is_reported_and_its_step_retried(lifecycle):
    run_id = lifecycle.start("sleep")
    pod = lifecycle.pods()["0"].metadata
    lifecycle.core.delete_namespaced_pod(pod.name, pod.namespace)
    wait_until(lambda: set(lifecycle.pods()) == {"1"}, 180)
    assert f"The pod '{pod.name}' of step 'start' was deleted while it was running" in lifecycle.log(run_id)
    lifecycle.wait_until_watched(run_id, 2)
    lifecycle.mark_failed(run_id)
    wait_until(lambda: not lifecycle.pods())


def test_a_pod_that_lost_its_worker_is_found_again(lifecycle):
    stack = lifecycle.stack
    dags = DAGApi(stack.rest.client)
    dags.patch_dag(DAG, DAGPatchBody(is_paused=True))
    run_id = stack.rest.trigger(DAG)
    run = stack.rest.dag_run(DAG, run_id)
    metaflow_run = metaflow_run_id(DAG, run_id, run.run_after)
    # A worker that is lost between creating the pod and deferring leaves behind nothing but the pod.
    task = StepTask(DAG, "lifecycle.py", "start", metaflow_run, "start", 0, 1)
    labels = {"dag_id": DAG, "task_id": "start", "run_id": make_safe_label_value(run_id)}
    labels |= {"kubernetes_pod_operator": "True", "try_number": "1", "metaflow/attempt": "0"}
    script = """sleep 20; echo '{"splits": 3}' > /dev/termination-log"""
    container = {"name": "base", "command": ["bash", "-c", script]}
    container |= {
        "image": stack.env["METAFLOW_KUBERNETES_CONTAINER_IMAGE"],
        "securityContext": RESTRICTED_CONTAINER,
    }
    body = {
        "metadata": {"name": "lost", "labels": labels | task_labels(task)},
        "spec": {**RESTRICTED_POD, "restartPolicy": "Never", "containers": [container]},
    }
    lifecycle.core.create_namespaced_pod(stack.namespace, body)
    dags.patch_dag(DAG, DAGPatchBody(is_paused=False))
    wait_until(lambda: stack.rest.xcom(DAG, run_id, "start") == [[0], [1], [2]], 180)
    assert "Continuing with pod lost" in lifecycle.log(run_id)
    # The steps after it have no input, because this pod ran no Metaflow task.
    assert stack.rest.wait(DAG, run_id, 600).state == "failed"
