"""The pod of a step: its resources, its variables, its names and labels."""

import re
from dataclasses import replace

import pytest
from metaflow_airflow.runners.kubernetes.pod_description import describe_pod, resources, task_labels
from metaflow_airflow.runners.kubernetes.pod_settings import PodSettings
from metaflow_airflow.runners.request import StepRequest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

TASK = StepTask("LinearFlow", "linear.py", "start", "airflow-1", "start", 0, 0, parameters={})
SETTINGS = PodSettings(image="python:3.11")
HOSTILE = 'it\'s "quoted" $(id) `id` $$ ${HOME}\nline {{ 1+1 }} %s ünïcödé 🚕 \\'


def describe(task=TASK, settings=SETTINGS, **request):
    return describe_pod(StepRequest(task, "x", **{"compute": {}, "env": {}, **request}), ["true"], settings)


def environment(pod):
    """Return the container's variables as Kubernetes sets them, with `$` for `$$`."""
    variables = pod.spec.containers[0].env
    assert all("$" not in each.value.replace("$$", "") for each in variables)
    return {each.name: each.value.replace("$$", "$") for each in variables}


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
def test_resources_become_requests_and_limits_as_in_metaflow(compute, settings, requests, limits):
    found = resources(compute, replace(SETTINGS, **settings))
    assert (found.requests, found.limits) == (requests, limits)


def test_shared_memory_is_a_volume_of_the_requested_size():
    pod = describe(compute={"shared_memory": "64M"})
    volume, mount = pod.spec.volumes[0], pod.spec.containers[0].volume_mounts[0]
    assert (volume.empty_dir.medium, volume.empty_dir.size_limit) == ("Memory", "64M")
    assert (mount.name, mount.mount_path) == (volume.name, "/dev/shm")


def test_values_reach_the_step_unchanged():
    assert environment(describe(env={"MINE": HOSTILE}))["MINE"] == HOSTILE


def test_step_variables_override_settings_but_not_those_of_the_engine():
    settings = replace(SETTINGS, environment={"METAFLOW_S3_ENDPOINT_URL": "http://s3"})
    env = {"METAFLOW_S3_ENDPOINT_URL": "http://other", "METAFLOW_AIRFLOW_RESULT": "/elsewhere"}
    found = environment(describe(settings=settings, env=env))
    assert found["METAFLOW_S3_ENDPOINT_URL"] == "http://other"
    assert found["METAFLOW_AIRFLOW_RESULT"] == "/dev/termination-log"


def test_secrets_are_only_referred_to_by_name():
    container = describe(settings=replace(SETTINGS, secrets=("a", "b"))).spec.containers[0]
    assert [source.to_dict() for source in container.env_from] == [
        {"config_map_ref": None, "prefix": None, "secret_ref": {"name": name, "optional": None}}
        for name in ("a", "b")
    ]


@pytest.mark.parametrize("step", ["start", "_private_", "x" * 80, "schrödinger"])
def test_names_and_labels_are_valid_in_kubernetes(step):
    metadata = describe(replace(TASK, step=step, task_id=f"{step}-0-1")).metadata
    assert re.fullmatch("[a-z0-9]([a-z0-9-]*[a-z0-9])?", metadata.name)
    for value in metadata.labels.values():
        assert len(value) <= 63
        assert value.isascii()
        assert value[0].isalnum()
        assert value[-1].isalnum()


def test_labels_identify_a_task_regardless_of_its_attempt():
    assert task_labels(TASK) == task_labels(replace(TASK, attempt=1))
    assert describe(replace(TASK, attempt=1)).metadata.labels["metaflow/attempt"] == "1"
    others = [
        replace(TASK, run_id="airflow-2"),
        replace(TASK, task_id="start-0"),
        replace(TASK, flow="Other"),
    ]
    assert task_labels(TASK) not in [task_labels(other) for other in others]
