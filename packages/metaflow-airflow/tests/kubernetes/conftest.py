"""A cluster's namespace, and beside it S3 and Airflow where its pods reach them."""

import os
import secrets

import pytest
from kubernetes import client, config
from kubernetes_support import KubernetesStack, running_stack

SECRET = "datastore-credentials"


@pytest.fixture(scope="session")
def core():
    """The API of the cluster that KUBECONFIG names."""
    if not os.environ.get("KUBECONFIG"):
        pytest.fail("These tests need a Kubernetes: set KUBECONFIG to its configuration file.")
    config.load_kube_config()
    return client.CoreV1Api()


@pytest.fixture(scope="session")
def namespace(core):
    """A namespace of our own, which is removed with all that is in it."""
    name = f"metaflow-test-{secrets.token_hex(3)}"
    core.create_namespace({"metadata": {"name": name}})
    yield name
    core.delete_namespace(name)


@pytest.fixture(scope="session")
def kube_stack(core, namespace, tmp_path_factory) -> KubernetesStack:
    """S3 and an Airflow that runs steps in pods."""
    if not os.environ.get("METAFLOW_SERVICE_URL"):
        pytest.fail("These tests need a metadata service that pods reach: set METAFLOW_SERVICE_URL.")
    node = core.list_node().items[0]
    node_address = next(each.address for each in node.status.addresses if each.type == "InternalIP")
    host = os.environ.get("HOST_FOR_PODS", node_address)
    with running_stack(tmp_path_factory.mktemp("kubernetes"), host, namespace, SECRET) as running:
        keys = {name: running.env[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        core.create_namespaced_secret(namespace, {"metadata": {"name": SECRET}, "stringData": keys})
        yield running
