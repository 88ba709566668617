"""Pods may do no more than Kubernetes' "restricted" standard allows, unless the step asks for it."""

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_airflow.runners.kubernetes.pod_description import describe_pod
from metaflow_airflow.runners.kubernetes.pod_settings import PodSettings
from metaflow_airflow.runners.request import StepRequest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask
from restricted_pods import violations

TASK = StepTask("LinearFlow", "linear.py", "start", "airflow-1", "start", 0, 0, parameters={})
EVERYTHING_ELSE = {
    "persistent_volume_claims": {"models": "/models"},
    "port": 8080,
    "secrets": ["warehouse"],
    "service_account": "trainer",
    "tmpfs_size": 256,
}


def described(pod=None, **settings):
    """Return the pod of a step with these arguments of `@kubernetes`."""
    request = StepRequest(TASK, "x", {"shared_memory": "64M"}, {}, pod or {})
    return describe_pod(request, ["true"], PodSettings(image="python:3.11", **settings))


def user(pod):
    context = pod.spec.containers[0].security_context
    return context.run_as_user, context.run_as_non_root


@pytest.mark.parametrize("pod", [{}, EVERYTHING_ELSE], ids=["defaults", "other settings"])
def test_a_pod_complies_with_the_restricted_standard(pod):
    assert violations(described(pod)) == []


def test_violations_of_the_standard_are_found():
    asked = {"privileged": True, "run_as_user": 0, "proc_mount": "Unmasked"}
    assert set(violations(described({"security_context": asked}))) == {
        "privileged",
        "allowPrivilegeEscalation",
        "capabilities.drop",
        "seccompProfile",
        "runAsNonRoot",
        "runAsUser",
        "procMount",
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (1000, True)),
        ({"run_as_group": 5}, (1000, True)),
        ({"run_as_user": 2000}, (2000, True)),
        ({"run_as_user": 0}, (0, False)),
        ({"run_as_non_root": True}, (None, True)),
        ({"run_as_non_root": False}, (None, False)),
        ({"run_as_user": 0, "run_as_non_root": True}, (0, True)),  # Kubernetes refuses it
    ],
    ids=str,
)
def test_a_step_that_names_no_user_runs_as_one_other_than_root(asked, expected):
    assert user(described({"security_context": asked})) == expected


def test_what_a_step_asks_for_replaces_that_default_only():
    pod = described({"security_context": {"run_as_non_root": False}})
    assert violations(pod) == ["runAsNonRoot"]


def test_a_privileged_container_has_none_of_the_limits_that_kubernetes_refuses_for_it():
    context = described({"security_context": {"privileged": True}}).spec.containers[0].security_context
    assert {name: value for name, value in context.to_dict().items() if value is not None} == {
        "privileged": True
    }


def test_a_setting_applies_to_steps_that_ask_for_nothing():
    settings = {"security_context": {"run_as_user": 2000}}
    assert user(described(**settings)) == (2000, True)
    assert user(described({"security_context": {"run_as_user": 3000}}, **settings)) == (3000, True)


@pytest.mark.parametrize(
    ("setting", "argument", "mounted"),
    [(None, None, False), ("everyone", None, True), (None, "trainer", True), (None, "default", True)],
)
def test_a_pod_has_a_service_account_token_only_if_an_account_is_named(setting, argument, mounted):
    pod = described({"service_account": argument} if argument else {}, service_account=setting)
    assert pod.spec.automount_service_account_token is mounted
    assert pod.spec.service_account_name == (argument or setting)


def test_volumes_are_writable_for_the_user_of_the_pod():
    assert described().spec.security_context.fs_group == 1000


def test_an_unknown_field_of_a_security_context_is_one_message():
    with pytest.raises(AirflowFailException, match="of step 'start' has no 'runAsUser': correct @kubernetes"):
        described({"security_context": {"runAsUser": 0}})
