"""Pods survive failures of Airflow's services and of the cluster: none runs twice, and none is left over."""

import contextlib
import json
import subprocess
from uuid import uuid4

import pytest
from engine_support import wait_until
from kubernetes_support import kubeconfig
from lifecycle_support import DAG
from metaflow_airflow.runners.kubernetes.pod_launch import TRY_LABEL
from restricted_pods import RESTRICTED_CONTAINER, RESTRICTED_POD

from local.stack.free_ports import HOST, free_ports

TASKS = ["body-0", "body-1", "end", "join", "start"]  # of the flow


@pytest.fixture
def tasks_of_pods(pods_seen):
    """Returns the Metaflow tasks of the pods that the flow has had since the start of the test."""
    before = set(pods_seen)

    def find():
        new = [pod.metadata.labels for name, pod in pods_seen.items() if name not in before]
        return sorted(labels["metaflow/task_id"] for labels in new if labels.get("dag_id") == DAG)

    return find


@pytest.mark.parametrize("name", ["scheduler", "triggerer"])
def test_a_run_survives_a_killed_service_with_one_pod_per_task(name, lifecycle, tasks_of_pods):
    run_id = lifecycle.start("nap")
    service = lifecycle.stack.services[name]
    service.kill()
    service.start()
    assert lifecycle.stack.rest.wait(DAG, run_id, 600).state == "success"
    assert tasks_of_pods() == TASKS


@pytest.fixture
def foreign_pod(core, namespace):
    """Returns whether a pod of another Airflow still exists."""
    container = {"name": "base", "image": "no-such-image:1", "securityContext": RESTRICTED_CONTAINER}
    labels = {TRY_LABEL: str(uuid4())}
    body = {
        "metadata": {"name": "foreign", "labels": labels},
        "spec": {**RESTRICTED_POD, "containers": [container]},
    }
    core.create_namespaced_pod(namespace, body)
    yield lambda: core.read_namespaced_pod("foreign", namespace).metadata.deletion_timestamp is None
    core.delete_namespaced_pod("foreign", namespace, grace_period_seconds=0)


def test_the_pod_of_a_step_marked_failed_is_deleted_once_a_triggerer_runs(lifecycle, foreign_pod):
    run_id = lifecycle.start("sleep")
    triggerer = lifecycle.stack.services["triggerer"]
    triggerer.kill()
    lifecycle.mark_failed(run_id)
    wait_until(lambda: lifecycle.state(run_id) == "failed")
    assert lifecycle.pods()
    triggerer.start()
    wait_until(lambda: not lifecycle.pods(), 180)
    assert foreign_pod()


def test_a_step_cleared_while_no_triggerer_runs_starts_over_in_another_pod(lifecycle):
    run_id = lifecycle.start("sleep")
    triggerer = lifecycle.stack.services["triggerer"]
    triggerer.kill()
    lifecycle.clear(run_id)
    wait_until(lambda: set(lifecycle.pods()) == {"1"}, 180)
    triggerer.start()
    triggerer.wait_until_ready()
    lifecycle.wait_until_watched(run_id, 2)
    lifecycle.mark_failed(run_id)
    wait_until(lambda: not lifecycle.pods(), 120)


@contextlib.contextmanager
def kubectl_proxy(port):
    """Serve the cluster's API on a port of this machine."""
    proxy = subprocess.Popen(["kubectl", "proxy", f"--port={port}"], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        proxy.terminate()
        proxy.wait()


@pytest.fixture
def api_port(lifecycle, tmp_path):
    """The port at which the triggerer expects the cluster's API during the test."""
    (port,) = free_ports(1)
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(kubeconfig(f"http://{HOST}:{port}")))
    triggerer = lifecycle.stack.services["triggerer"]
    triggerer.kill()
    triggerer.start(KUBECONFIG=str(file))
    yield port
    triggerer.kill()
    triggerer.start()
    triggerer.wait_until_ready()


def test_a_step_survives_a_temporary_failure_of_the_cluster_api(lifecycle, api_port, tasks_of_pods):
    with kubectl_proxy(api_port):
        run_id = lifecycle.start("nap")
    wait_until(lambda: "Kubernetes does not respond" in lifecycle.log(run_id))
    with kubectl_proxy(api_port):
        assert lifecycle.stack.rest.wait(DAG, run_id, 600).state == "success"
    assert tasks_of_pods() == TASKS
