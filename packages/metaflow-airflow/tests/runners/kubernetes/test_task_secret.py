"""The parameters and the token of a run are in a secret of the pod, not in its description."""

import os
from dataclasses import replace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from kubernetes.client import models as k8s
from metaflow_airflow.runners.kubernetes.pod_description import describe_pod
from metaflow_airflow.runners.kubernetes.pod_settings import PodSettings
from metaflow_airflow.runners.kubernetes.task_secret import (
    DIRECTORY,
    FILE,
    name_secret,
    task_secret,
    task_text,
)
from metaflow_airflow.runners.request import StepRequest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

HOSTILE = 'it\'s "quoted" $(id) `id` $$ ${HOME}\nline {{ 1+1 }} %s ünïcödé 🚕 \\'
TASK = StepTask("LinearFlow", "linear.py", "start", "airflow-1", "start", 0, 0, parameters={"text": HOSTILE})


def described(task):
    pod = describe_pod(StepRequest(task, "x", {}, {}), ["true"], PodSettings(image="python:3.11"))
    pod.metadata.name, pod.metadata.uid = "linearflow-start-abc", "1-2-3"
    name_secret(pod)
    return pod


def test_a_pod_finds_its_task_in_the_secret_with_its_own_name():
    pod = described(TASK)
    secret = task_secret(pod, task_text(TASK))
    (volume,), (mount,) = pod.spec.volumes, pod.spec.containers[0].volume_mounts
    variables = {each.name: each.value for each in pod.spec.containers[0].env}
    assert variables["METAFLOW_AIRFLOW_TASK"] == f"@{mount.mount_path}/{FILE}"
    assert (mount.name, mount.mount_path) == (volume.name, DIRECTORY)
    assert volume.secret.secret_name == secret.metadata.name == "linearflow-start-abc"
    assert StepTask.from_json(secret.string_data[FILE]) == TASK


def test_the_description_of_a_pod_contains_neither_parameters_nor_token():
    task = replace(TASK, parameters={"a": "open-sesame"}, production_token="sesame-0", tags=("sesame",))
    task = replace(task, triggers=({"payload": "sesame"},))
    assert "sesame" not in str(described(task))


def test_kubernetes_removes_the_secret_together_with_the_pod():
    (owner,) = task_secret(described(TASK), "{}").metadata.owner_references
    assert owner == k8s.V1OwnerReference(
        api_version="v1", kind="Pod", name="linearflow-start-abc", uid="1-2-3"
    )


def test_a_step_can_join_ten_thousand_tasks():
    task = replace(TASK, inputs=tuple(f"square/square-{index}" for index in range(10_000)))
    assert StepTask.from_json(task_text(task)) == task


def test_parameters_too_large_for_a_pod_are_rejected():
    task = replace(TASK, parameters={"text": os.urandom(600_000).hex()})
    with pytest.raises(AirflowFailException, match=r"step 'start' take 11\d\d KiB, but at most 1023 KiB"):
        task_text(task)
