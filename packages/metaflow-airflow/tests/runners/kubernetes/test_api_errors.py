"""Errors of the Kubernetes client become one message that says what to do."""

import json

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from metaflow_airflow.runners.kubernetes.api_errors import KUBERNETES_ERRORS, error_message
from urllib3 import Retry

from local.stack.free_ports import HOST, free_ports


def api_error(status, body):
    error = ApiException(status=status, reason="Forbidden")
    error.body = body
    return error


def test_a_cluster_that_does_not_respond_is_named_with_the_step():
    (port,) = free_ports(1)
    configuration = client.Configuration(host=f"http://{HOST}:{port}")
    configuration.retries = Retry(0)
    with pytest.raises(KUBERNETES_ERRORS) as caught:
        client.CoreV1Api(client.ApiClient(configuration)).list_namespaced_pod("default")
    message = error_message(caught.value, "train")
    assert message.startswith("Airflow's worker cannot reach Kubernetes for step 'train'")


def test_a_missing_cluster_is_reported_with_the_setting(tmp_path):
    with pytest.raises(KUBERNETES_ERRORS) as caught:
        config.load_kube_config(str(tmp_path / "no-such-file"))
    message = error_message(caught.value, "train")
    assert message.startswith("No Kubernetes cluster is configured for step 'train' (")
    assert "set METAFLOW_AIRFLOW_KUBERNETES_CONN_ID" in message


@pytest.mark.parametrize(
    ("body", "reason"),
    [(json.dumps({"message": 'quota "q" exceeded'}), 'quota "q" exceeded'), ("<html>", "Forbidden")],
    ids=["Kubernetes", "proxy"],
)
def test_a_rejected_pod_is_reported_with_the_reason_and_the_missing_rights(body, reason):
    message = error_message(api_error(403, body), "train")
    assert message.startswith(f"Kubernetes rejected the pod of step 'train' (403 {reason}): correct ")
    assert "allow Airflow's service account to get, list, create, patch and delete pods" in message
    assert "service account" not in error_message(api_error(422, body), "train")
