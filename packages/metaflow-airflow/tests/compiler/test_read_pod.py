"""`@kubernetes` and `@resources` compile into the same pod that Metaflow itself would start."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flow_models import flow_of, step_of
from kubernetes import client
from kubernetes.utils.quantity import parse_quantity
from metaflow.plugins.kubernetes.kubernetes_decorator import KubernetesDecorator
from metaflow.plugins.kubernetes.kubernetes_job import KubernetesJob
from metaflow.plugins.resources_decorator import ResourcesDecorator
from metaflow_airflow.compiler.plan_step import step_arguments
from metaflow_airflow.compiler.read_pod import read_pod, read_resources
from metaflow_airflow.compiler.rules.steps import POD_SETTINGS
from metaflow_airflow.runners.kubernetes.pod_description import describe_pod
from metaflow_airflow.runners.kubernetes.pod_settings import PodSettings
from metaflow_airflow.runners.kubernetes.task_secret import DIRECTORY as TASK_DIRECTORY
from metaflow_airflow.runners.kubernetes.task_secret import VOLUME as TASK_VOLUME
from metaflow_airflow.runners.request import StepRequest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

SETTINGS = PodSettings(image=f"python:{sys.version_info.major}.{sys.version_info.minor}", namespace="default")
TASK = StepTask("F", "f.py", "start", "airflow-1", "start", 0, 0)
HOSTILE = 'it\'s "quoted" $(id) `id` $$ ${HOME}\nline {{ 1+1 }} %s ünïcödé 🚕 \\' + "x" * 100_000
TOLERATION = {"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}

REQUESTS = [
    {},
    {"cpu": 2, "memory": 8192, "disk": 20480},
    {"cpu": 0.5, "qos": "Guaranteed"},
    {"gpu": 2, "gpu_vendor": "amd"},
    {"gpu": 0},
    {"image": "registry.example.com/team/trainer:1.2", "image_pull_policy": "Always"},
    {"image_pull_secrets": ["one", "two"], "service_account": "trainer", "secrets": ["a", "b"]},
    {"node_selector": "disk=ssd,zone=a", "namespace": "training"},
    {"node_selector": {"disk": "ssd"}, "compute_pool": "pool"},
    {"tolerations": [TOLERATION], "port": 8080},
    {"labels": {"team": "ml", "empty": None}, "annotations": {"note": HOSTILE}},
    {"use_tmpfs": True},
    {"use_tmpfs": True, "memory": 1000, "tmpfs_path": "/scratch"},
    {"tmpfs_size": 100, "tmpfs_tempdir": False},
    {"tmpfs_path": "/unused"},
    {"shared_memory": 64, "persistent_volume_claims": {"models": "/models", "data": "/data"}},
    {"extended_resources": {"example.com/dongle": "1"}},
    {"security_context": {"run_as_user": 1000, "run_as_non_root": True, "privileged": False}},
    {"security_context": {"privileged": True, "run_as_group": 5}},
]


def kubernetes(**attributes):
    decorator = KubernetesDecorator(attributes)
    decorator.external_init()
    return decorator


def our_pod(settings=SETTINGS, **by_name):
    """Return the pod that the compiled arguments of a step with these decorators describe."""
    assert read_pod(by_name).keys() <= POD_SETTINGS
    step = step_of(resources=read_resources(by_name), pod=read_pod(by_name))
    arguments = step_arguments(flow_of(step), step, inputs=[], sensors=[], task_group=False)
    request = StepRequest(TASK, "x", arguments.get("compute", {}), {}, arguments.get("pod", {}))
    return describe_pod(request, ["true"], settings)


def pod_of_metaflow(decorator):
    """Return the pod that Metaflow's own scheduler starts for a decorator."""
    attributes = {**decorator.attributes, "secrets": decorator.attributes["secrets"] or []}
    options = {"timeout_in_seconds": 60, "command": ["true"], "step_name": "start"}
    template = KubernetesJob(SimpleNamespace(get=lambda: client), **attributes, **options).create_job_spec()
    return template.template


def described(pod):
    """Return what must be the same in both pods."""
    (container,) = pod.spec.containers
    volumes = {volume.name: volume.to_dict() | {"name": None} for volume in pod.spec.volumes}
    return {
        "resources": {
            kind: {name: parse_quantity(value) for name, value in (amounts or {}).items()}
            for kind, amounts in container.resources.to_dict().items()
        },
        "volumes": {
            mount.mount_path: volumes[mount.name]
            for mount in container.volume_mounts
            if mount.name != TASK_VOLUME
        },
        "secrets": {source.secret_ref.name for source in container.env_from},
        "namespace": pod.metadata.namespace,
        "image": (container.image, container.image_pull_policy, pod.spec.image_pull_secrets),
        "account": pod.spec.service_account_name,
        "node": (pod.spec.node_selector or None, pod.spec.tolerations),
        "ports": container.ports or [],
    }


def security(pod):
    context = pod.spec.containers[0].security_context
    return {name: value for name, value in context.to_dict().items() if value is not None} if context else {}


def test_every_argument_of_kubernetes_is_requested_above():
    tried = {name for requested in REQUESTS for name in requested}
    assert set(KubernetesDecorator.defaults) - tried == {"executable", "hostname_resolution_timeout"}


@pytest.mark.parametrize("requested", REQUESTS, ids=lambda requested: "-".join(requested) or "nothing")
def test_the_pod_is_the_same_as_that_of_metaflow(requested):
    decorator = kubernetes(**requested)
    ours, theirs = our_pod(kubernetes=decorator), pod_of_metaflow(decorator)
    assert described(ours) == described(theirs)
    assert security(theirs).items() <= security(ours).items()
    labels = {name: value or "" for name, value in (theirs.metadata.labels or {}).items()}
    assert labels.items() <= ours.metadata.labels.items()
    assert (theirs.metadata.annotations or {}).items() <= ours.metadata.annotations.items()


@pytest.mark.parametrize(
    ("requested", "directory"),
    [
        ({}, None),
        ({"use_tmpfs": True}, "/metaflow_temp"),
        ({"tmpfs_size": 10, "tmpfs_path": "/scratch"}, "/scratch"),
        ({"tmpfs_size": 10, "tmpfs_tempdir": False}, None),
    ],
)
def test_temporary_files_are_in_memory_on_request(requested, directory):
    variables = {
        each.name: each.value for each in our_pod(kubernetes=kubernetes(**requested)).spec.containers[0].env
    }
    assert variables.get("METAFLOW_TEMPDIR") == directory


def test_resources_without_kubernetes_reach_the_pod():
    resources = ResourcesDecorator({"cpu": 2, "memory": 1000, "shared_memory": 8})
    pod = our_pod(resources=resources)
    assert pod.spec.containers[0].resources.requests["cpu"] == "2"
    assert pod.spec.volumes[0].empty_dir.size_limit == "8Mi"


def test_settings_of_a_step_override_or_extend_those_of_airflow():
    settings = replace(
        SETTINGS,
        registry="registry.example.com/",
        image="base:1",
        service_account="everyone",
        labels={"team": "all", "stage": "test"},
        annotations={"a": "1"},
        secrets=("shared",),
        tolerations=({"key": "any", "operator": "Exists"},),
        node_selector={"zone": "b"},
        persistent_volume_claims={"common": "/common"},
        shared_memory="32Mi",
        port=1,
    )
    plain = our_pod(settings)
    (container,) = plain.spec.containers
    assert (container.image, plain.spec.service_account_name) == ("registry.example.com/base:1", "everyone")
    assert [mount.mount_path for mount in container.volume_mounts] == [
        "/dev/shm",
        "/common",
        TASK_DIRECTORY,
    ]
    assert (container.ports[0].container_port, plain.spec.node_selector) == (1, {"zone": "b"})

    requested = {"labels": {"team": "ml"}, "secrets": "own", "tolerations": [TOLERATION], "image": "mine:2"}
    pod = our_pod(settings, kubernetes=kubernetes(**requested, service_account="trainer"))
    (container,) = pod.spec.containers
    assert (container.image, pod.spec.service_account_name) == ("registry.example.com/mine:2", "trainer")
    assert {"team": "ml", "stage": "test"}.items() <= pod.metadata.labels.items()
    assert {source.secret_ref.name for source in container.env_from} == {"own", "shared"}
    assert [toleration.key for toleration in pod.spec.tolerations] == ["gpu"]
