"""The pod of a step: what it asks for, what it is told, and that data stays data."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from airflow.sdk.exceptions import AirflowFailException
from metaflow_airflow.runners.kubernetes.command import pod_command
from metaflow_airflow.runners.kubernetes.description import describe_pod, resources, task_labels
from metaflow_airflow.runners.kubernetes.settings import PodSettings
from metaflow_airflow.runners.request import StepRequest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import LAUNCHER, StepTask, unpacked

SHA1 = "0123456789abcdef0123456789abcdef01234567"
PACKAGE_URL = f"s3://metaflow/metaflow/LinearFlow/data/01/{SHA1}"
TASK = StepTask("LinearFlow", "linear.py", "start", "airflow-1", "start", 0, 0, parameters={})
SETTINGS = PodSettings(image="python:3.11")
HOSTILE = 'it\'s "quoted" $(id) `id` $$ ${HOME}\nline {{ 1+1 }} %s ünïcödé 🚕 \\'

READ_SETTINGS = """
import json
from dataclasses import asdict
from airflow.sdk.exceptions import AirflowFailException
from metaflow_airflow.runners.kubernetes.settings import read_settings
try:
    print(json.dumps(asdict(read_settings())))
except AirflowFailException as error:
    print(json.dumps(str(error)))
"""
METADATA = {"METAFLOW_DEFAULT_METADATA": "service", "METAFLOW_SERVICE_URL": "http://metadata:8080"}


def describe(task=TASK, settings=SETTINGS, **request):
    return describe_pod(StepRequest(task, "x", **{"compute": {}, "env": {}, **request}), ["true"], settings)


def environment(pod):
    """Return the container's variables as Kubernetes sets them: `$$` stands for `$`."""
    variables = pod.spec.containers[0].env
    assert all("$" not in each.value.replace("$$", "") for each in variables)
    return {each.name: each.value.replace("$$", "$") for each in variables}


def settings_of(tmp_path, **variables):
    """Return what the settings of a worker with these variables are, or the error's text."""
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


@pytest.mark.parametrize(
    ("compute", "settings", "requests", "limits"),
    [
        ({}, {}, {"cpu": "1", "memory": "4096M", "ephemeral-storage": "10240M"}, {}),
        (
            {"cpu": 0.5, "memory": "8192M", "disk": "100M"},
            {},
            {"cpu": "0.5", "memory": "8192M", "ephemeral-storage": "100M"},
            {},
        ),
        (
            {"gpu": 2},
            {"cpu": "2", "gpu_vendor": "amd"},
            {"cpu": "2", "memory": "4096M", "ephemeral-storage": "10240M"},
            {"amd.com/gpu": "2"},
        ),
        (
            {"cpu": 3},
            {"qos": "Guaranteed"},
            {"cpu": "3", "memory": "4096M", "ephemeral-storage": "10240M"},
            {"cpu": "3", "memory": "4096M", "ephemeral-storage": "10240M"},
        ),
    ],
)
def test_resources_are_requests_and_limits_as_with_metaflow_s_own_pods(compute, settings, requests, limits):
    found = resources(compute, replace(SETTINGS, **settings))
    assert (found.requests, found.limits) == (requests, limits)


def test_shared_memory_is_a_volume_of_that_size():
    pod = describe(compute={"shared_memory": "64M"})
    (volume,), (mount,) = pod.spec.volumes, pod.spec.containers[0].volume_mounts
    assert (volume.empty_dir.medium, volume.empty_dir.size_limit) == ("Memory", "64M")
    assert (mount.name, mount.mount_path) == (volume.name, "/dev/shm")


def test_values_reach_the_step_as_they_are():
    task = replace(TASK, parameters={"text": HOSTILE}, tags=(HOSTILE,))
    found = environment(describe(task, env={"MINE": HOSTILE}))
    assert found["MINE"] == HOSTILE
    assert StepTask.from_json(found["METAFLOW_AIRFLOW_TASK"]) == task


def test_a_step_can_join_ten_thousand_tasks():
    task = replace(TASK, inputs=tuple(f"square/square-{index}" for index in range(10_000)))
    text = environment(describe(task))["METAFLOW_AIRFLOW_TASK"]
    assert len(text) < 64_000
    assert StepTask.from_json(unpacked(text)) == task


def test_parameters_too_large_for_a_pod_are_refused():
    task = replace(TASK, parameters={"text": os.urandom(200_000).hex()})
    with pytest.raises(AirflowFailException, match=r"step 'start' take \d+ KiB"):
        describe(task)


def test_the_step_s_own_variables_go_before_the_settings_and_behind_the_engine_s():
    settings = replace(SETTINGS, environment={"METAFLOW_S3_ENDPOINT_URL": "http://s3"})
    env = {"METAFLOW_S3_ENDPOINT_URL": "http://other", "METAFLOW_AIRFLOW_RESULT": "/elsewhere"}
    found = environment(describe(settings=settings, env=env))
    assert found["METAFLOW_S3_ENDPOINT_URL"] == "http://other"
    assert found["METAFLOW_AIRFLOW_RESULT"] == "/dev/termination-log"


def test_secrets_are_named_and_nothing_more():
    container = describe(settings=replace(SETTINGS, secrets=("a", "b"))).spec.containers[0]
    assert [source.to_dict() for source in container.env_from] == [
        {"config_map_ref": None, "prefix": None, "secret_ref": {"name": name, "optional": None}}
        for name in ("a", "b")
    ]


@pytest.mark.parametrize("step", ["start", "_private_", "x" * 80, "schrödinger"])
def test_names_are_ones_that_kubernetes_takes(step):
    metadata = describe(replace(TASK, step=step, task_id=f"{step}-0-1")).metadata
    assert re.fullmatch("[a-z0-9]([a-z0-9-]*[a-z0-9])?", metadata.name)
    for value in metadata.labels.values():
        assert len(value) <= 63
        assert value.isascii()
        assert value[0].isalnum()
        assert value[-1].isalnum()


def test_labels_tell_tasks_apart_but_not_their_attempts():
    assert task_labels(TASK) == task_labels(replace(TASK, attempt=1))
    assert describe(replace(TASK, attempt=1)).metadata.labels["metaflow/attempt"] == "1"
    others = [
        replace(TASK, run_id="airflow-2"),
        replace(TASK, task_id="start-0"),
        replace(TASK, flow="Other"),
    ]
    assert task_labels(TASK) not in [task_labels(other) for other in others]


def test_a_shell_reads_nothing_but_the_code_package_s_address():
    (shell, option, script, name, python) = pod_command(PACKAGE_URL, "s3")
    assert (shell, option, name) == ("bash", "-c", "bash")
    assert script.startswith('python -c "$1" || exit && ')
    assert "$(" not in python  # Kubernetes would replace it
    assert subprocess.run(["bash", "-n", "-c", script]).returncode == 0
    assert script.index(f"grep -q ^{SHA1}") < script.index("tar -xzf job.tar")


def test_the_packages_of_a_step_are_arguments_and_not_shell():
    flow, packages = "Flow'; id; '", '$(id)"'
    (_, _, script, _, _, *arguments) = pod_command(PACKAGE_URL, "s3", flow, packages)
    assert arguments == [flow, packages, "s3"]
    assert flow not in script
    assert packages not in script
    assert subprocess.run(["bash", "-n", "-c", script]).returncode == 0
    assert script.endswith('exec ./*/"$3"/bin/python -s -m ' + LAUNCHER)


@pytest.mark.parametrize("root", ["s3://a/$(id)", "s3://a/`id`", 's3://a/"', "s3://a/b c", "s3://a/x';id;'"])
def test_an_address_that_means_something_to_a_shell_is_refused(root):
    with pytest.raises(AirflowFailException, match="code package's address"):
        pod_command(f"{root}/{SHA1}", "s3")


def test_settings_come_from_the_worker_and_credentials_stay_there(tmp_path):
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


def test_without_settings_a_public_python_is_the_image_and_airflow_s_connection_decides(tmp_path):
    found = settings_of(tmp_path, **METADATA)
    assert found["image"] == f"python:{sys.version_info.major}.{sys.version_info.minor}"
    assert (found["connection"], found["namespace"]) == ("kubernetes_default", None)


def test_what_kubernetes_says_can_be_a_setting_of_the_worker(tmp_path):
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
            "METAFLOW_S3_ENDPOINT_URL has a password",
        ),
    ],
)
def test_settings_that_cannot_work_are_refused_in_a_sentence(tmp_path, variables, message):
    found = settings_of(tmp_path, **variables)
    assert message in found
    assert "pw" not in found
