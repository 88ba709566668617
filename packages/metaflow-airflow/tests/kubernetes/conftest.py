"""A namespace of the cluster, and S3 and Airflow where the cluster's pods can reach them."""

import os
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from events_support import OWNER
from kubernetes import client, config, watch
from kubernetes_support import KubernetesStack, running_stack
from lifecycle_support import Lifecycle
from pod_failures import FAILURES, full_namespace, lose_a_node, start_failing_run
from pod_shapes import IN_PODS, StartedShapes, shape_without_airflow, start_shape

SECRET = "datastore-credentials"
STANDARD = "pod-security.kubernetes.io"


@pytest.fixture(scope="session")
def core():
    """The API of the cluster that KUBECONFIG names."""
    if not os.environ.get("KUBECONFIG"):
        pytest.fail("These tests need a Kubernetes cluster: set KUBECONFIG to its configuration file.")
    config.load_kube_config()
    return client.CoreV1Api()


@pytest.fixture(scope="session")
def namespace(core):
    """A namespace of our own, which is deleted with everything in it.

    Kubernetes 1.25 and later refuses pods in it that do not comply with the "restricted" standard.
    """
    name = f"metaflow-test-{secrets.token_hex(3)}"
    core.create_namespace({"metadata": {"name": name, "labels": {f"{STANDARD}/enforce": "restricted"}}})
    yield name
    core.delete_namespace(name)


@pytest.fixture(scope="session")
def pods_seen(core, namespace):
    """By name, each pod that has ever been in the namespace, as it was last seen."""
    seen = {}

    def look():
        for event in watch.Watch().stream(core.list_namespaced_pod, namespace):
            seen[event["object"].metadata.name] = event["object"]

    threading.Thread(target=look, daemon=True).start()
    return seen


@pytest.fixture(scope="session")
def kube_stack(core, namespace, pods_seen, tmp_path_factory) -> KubernetesStack:
    """S3, and an Airflow that runs steps in pods."""
    if not os.environ.get("METAFLOW_SERVICE_URL"):
        pytest.fail("These tests need a metadata service that pods can reach: set METAFLOW_SERVICE_URL.")
    node = core.list_node().items[0]
    node_address = next(each.address for each in node.status.addresses if each.type == "InternalIP")
    host = os.environ.get("HOST_FOR_PODS", node_address)
    with running_stack(tmp_path_factory.mktemp("kubernetes"), host, namespace, SECRET) as running:
        keys = {name: running.env[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        core.create_namespaced_secret(namespace, {"metadata": {"name": SECRET}, "stringData": keys})
        yield running


@pytest.fixture(scope="session")
def background():
    """A pool of two threads for work that goes on during the tests."""
    pool = ThreadPoolExecutor(2)
    yield pool
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def shapes_started(kube_stack, background, tmp_path_factory):
    """Runs of every shape that have been started, in pods and by Metaflow's own scheduler."""
    folder = tmp_path_factory.mktemp("shapes")
    (kube_stack.dags_folder / "owner.py").write_text(OWNER)
    ids = {shape: background.submit(start_shape, kube_stack, shape, folder) for shape in IN_PODS}
    plain = {shape: background.submit(shape_without_airflow, kube_stack, shape) for shape in IN_PODS}
    return StartedShapes(ids, plain)


@pytest.fixture(scope="session")
def failing_runs(kube_stack, background, core, tmp_path_factory):
    """By name, the future id of a run of each flow whose pod fails."""
    folder = tmp_path_factory.mktemp("failures")
    with full_namespace(core):
        ids = {name: background.submit(start_failing_run, kube_stack, name, folder) for name in FAILURES}
        lost = background.submit(lose_a_node, core, kube_stack, ids["LostNode"])
        yield ids
        lost.result()


@pytest.fixture(scope="session")
def lifecycle_flow(kube_stack, core, failing_runs, tmp_path_factory):
    """The flow whose pods are stopped and lost; the failing runs, which take minutes, go on meanwhile."""
    found = Lifecycle(kube_stack, core)
    found.compile(tmp_path_factory.mktemp("lifecycle"))
    return found


@pytest.fixture
def lifecycle(lifecycle_flow):
    """The same flow; no test may leave one of its pods behind."""
    yield lifecycle_flow
    lifecycle_flow.expect_no_pods()
