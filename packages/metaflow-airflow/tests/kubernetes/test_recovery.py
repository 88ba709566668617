"""Airflow's services or the cluster's API go while a pod works: no pod is started twice, and none is left."""

import contextlib
import json
import subprocess
from uuid import uuid4

import pytest
from engine_support import wait_until
from kubernetes_support import kubeconfig
from lifecycle_support import DAG
from metaflow_airflow.runners.kubernetes.pod_launch import TRY_LABEL

from local.stack.free_ports import HOST, free_ports

TASKS = ["body-0", "body-1", "end", "join", "start"]  # of the flow


@pytest.fixture
def tasks_of_pods(pods_seen):
    """Returns the Metaflow tasks of the pods that the flow has had since the test began."""
    before = set(pods_seen)

    def find():
        new = [pod.metadata.labels for name, pod in pods_seen.items() if name not in before]
        return sorted(labels["metaflow/task_id"] for labels in new if labels.get("dag_id") == DAG)

    return find


@pytest.mark.parametrize("name", ["scheduler", "triggerer"])
def test_a_run_outlives_a_killed_service_with_one_pod_for_each_task(name, lifecycle, tasks_of_pods):
    run_id = lifecycle.start("nap")
    service = lifecycle.stack.services[name]
    service.kill()
    service.start()
    assert lifecycle.stack.rest.wait(DAG, run_id, 600).state == "success"
    assert tasks_of_pods() == TASKS


@pytest.fixture
def strange_pod(core, namespace):
    """Returns whether a pod of an Airflow that is not ours is still there."""
    container = {"name": "base", "image": "no-such-image:1"}
    labels = {TRY_LABEL: str(uuid4())}
    body = {"metadata": {"name": "strange", "labels": labels}, "spec": {"containers": [container]}}
    core.create_namespaced_pod(namespace, body)
    yield lambda: core.read_namespaced_pod("strange", namespace).metadata.deletion_timestamp is None
    core.delete_namespaced_pod("strange", namespace, grace_period_seconds=0)


def test_a_step_marked_failed_while_no_triggerer_runs_loses_its_pod_when_one_does(lifecycle, strange_pod):
    run_id = lifecycle.start("sleep")
    triggerer = lifecycle.stack.services["triggerer"]
    triggerer.kill()
    lifecycle.mark_failed(run_id)
    wait_until(lambda: lifecycle.state(run_id) == "failed")
    assert lifecycle.pods()
    triggerer.start()
    wait_until(lambda: not lifecycle.pods(), 180)
    assert strange_pod()


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
    """Put the cluster's API on a port of this machine."""
    proxy = subprocess.Popen(["kubectl", "proxy", f"--port={port}"], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        proxy.terminate()
        proxy.wait()


@pytest.fixture
def api_port(lifecycle, tmp_path):
    """The port where the triggerer looks for the cluster's API, until the end of the test."""
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


def test_a_step_outlives_a_cluster_s_api_that_is_gone_for_a_while(lifecycle, api_port, tasks_of_pods):
    with kubectl_proxy(api_port):
        run_id = lifecycle.start("nap")
    wait_until(lambda: "Kubernetes does not respond" in lifecycle.log(run_id))
    with kubectl_proxy(api_port):
        assert lifecycle.stack.rest.wait(DAG, run_id, 600).state == "success"
    assert tasks_of_pods() == TASKS
