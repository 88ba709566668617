"""Errors of the Kubernetes client become one message."""

import pytest
from kubernetes import client
from metaflow_airflow.runners.kubernetes.api_errors import KUBERNETES_ERRORS, error_message
from urllib3 import Retry

from local.stack.free_ports import HOST, free_ports


def test_a_cluster_that_does_not_respond_is_named_with_the_step():
    (port,) = free_ports(1)
    configuration = client.Configuration(host=f"http://{HOST}:{port}")
    configuration.retries = Retry(0)
    with pytest.raises(KUBERNETES_ERRORS) as caught:
        client.CoreV1Api(client.ApiClient(configuration)).list_namespaced_pod("default")
    message = error_message(caught.value, "train")
    assert message.startswith("Airflow's worker cannot reach Kubernetes for step 'train'")
