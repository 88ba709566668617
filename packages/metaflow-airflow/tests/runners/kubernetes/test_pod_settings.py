"""The settings of pods come from the worker's environment and Metaflow's configuration."""

import json
import os
import subprocess
import sys

import pytest

READ_SETTINGS = """
import json
from dataclasses import asdict
from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_airflow.runners.kubernetes.pod_settings import read_settings
try:
    print(json.dumps(asdict(read_settings())))
except AirflowFailException as error:
    print(json.dumps(str(error)))
"""
METADATA = {"METAFLOW_DEFAULT_METADATA": "service", "METAFLOW_SERVICE_URL": "http://metadata:8080"}


def settings_of(tmp_path, **variables):
    """Return the pod settings of a worker with these variables, or the error message."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("METAFLOW_")}
    env |= {
        "METAFLOW_HOME": str(tmp_path),
        "METAFLOW_USER": "test",
        "AIRFLOW_HOME": str(tmp_path),
        **variables,
    }
    done = subprocess.run([sys.executable, "-c", READ_SETTINGS], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_settings_are_passed_on_from_the_worker_but_credentials_are_not(tmp_path):
    found = settings_of(
        tmp_path,
        **METADATA,
        METAFLOW_SERVICE_INTERNAL_URL="http://internal:8080",
        METAFLOW_SERVICE_AUTH_KEY="sesame",
        METAFLOW_DEFAULT_DATASTORE="s3",
        METAFLOW_DATASTORE_SYSROOT_S3="s3://bucket/root",
        METAFLOW_S3_ENDPOINT_URL="http://s3:8333",
        METAFLOW_KUBERNETES_SECRETS="one, two",
        METAFLOW_KUBERNETES_LABELS="team=ml,stage=test",
        METAFLOW_KUBERNETES_SERVICE_ACCOUNT="runner",
        METAFLOW_KUBERNETES_NAMESPACE="flows",
        METAFLOW_AIRFLOW_KUBERNETES_CONN_ID="cluster",
        AWS_ACCESS_KEY_ID="sesame",
        AWS_SECRET_ACCESS_KEY="sesame",
    )
    assert found["environment"] == {
        "METAFLOW_CARD_S3ROOT": "s3://bucket/root/mf.cards",
        "METAFLOW_DATASTORE_SYSROOT_S3": "s3://bucket/root",
        "METAFLOW_DATATOOLS_S3ROOT": "s3://bucket/root/data",
        "METAFLOW_DEFAULT_AWS_CLIENT_PROVIDER": "boto3",
        "METAFLOW_DEFAULT_DATASTORE": "s3",
        "METAFLOW_DEFAULT_GCP_CLIENT_PROVIDER": "gcp-default",
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_S3_ENDPOINT_URL": "http://s3:8333",
        "METAFLOW_SERVICE_URL": "http://internal:8080",
    }
    assert found["secrets"] == ["one", "two"]
    assert found["labels"] == {"team": "ml", "stage": "test"}
    chosen = [found[name] for name in ("service_account", "namespace", "connection")]
    assert chosen == ["runner", "flows", "cluster"]


def test_by_default_the_image_is_a_public_python_and_the_connection_decides_the_rest(tmp_path):
    found = settings_of(tmp_path, **METADATA)
    assert found["image"] == f"python:{sys.version_info.major}.{sys.version_info.minor}"
    assert (found["connection"], found["namespace"]) == ("kubernetes_default", None)


def test_most_arguments_of_kubernetes_have_a_setting_as_well(tmp_path):
    found = settings_of(
        tmp_path,
        **METADATA,
        METAFLOW_KUBERNETES_CONTAINER_IMAGE="team/base:1",
        METAFLOW_KUBERNETES_CONTAINER_REGISTRY="registry.example.com",
        METAFLOW_KUBERNETES_IMAGE_PULL_POLICY="Always",
        METAFLOW_KUBERNETES_IMAGE_PULL_SECRETS='["one"]',
        METAFLOW_KUBERNETES_NODE_SELECTOR="disk=ssd,zone=a",
        METAFLOW_KUBERNETES_TOLERATIONS='[{"key": "gpu", "operator": "Exists"}]',
        METAFLOW_KUBERNETES_PERSISTENT_VOLUME_CLAIMS='{"models": "/models"}',
        METAFLOW_KUBERNETES_SHARED_MEMORY="64",
        METAFLOW_KUBERNETES_PORT="8080",
        METAFLOW_KUBERNETES_QOS="Guaranteed",
    )
    expected = {
        "image": "team/base:1",
        "registry": "registry.example.com",
        "image_pull_policy": "Always",
        "image_pull_secrets": ["one"],
        "node_selector": {"disk": "ssd", "zone": "a"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "persistent_volume_claims": {"models": "/models"},
        "shared_memory": "64Mi",
        "port": 8080,
        "qos": "Guaranteed",
    }
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {**METADATA, "METAFLOW_KUBERNETES_TOLERATIONS": "[gpu"},
            "KUBERNETES_TOLERATIONS is not a JSON list",
        ),
        ({"METAFLOW_DEFAULT_METADATA": "local"}, "set METAFLOW_DEFAULT_METADATA to 'service'"),
        (
            {**METADATA, "METAFLOW_S3_ENDPOINT_URL": "http://me:pw@s3"},
            "METAFLOW_S3_ENDPOINT_URL contains a password",
        ),
    ],
)
def test_settings_that_cannot_work_are_rejected_with_one_message(tmp_path, variables, message):
    found = settings_of(tmp_path, **variables)
    assert message in found
    assert "pw" not in found
