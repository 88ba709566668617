"""What a step says of a cluster whose API does not answer, and when it says so."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
from kubernetes_support import kubeconfig
from metaflow_airflow.runners.kubernetes import trigger as pod_trigger
from metaflow_airflow.runners.kubernetes.trigger import StepPodTrigger
from tenacity import stop_after_attempt

from local.stack.free_ports import HOST, free_ports

# A wait without its bound would be an hour.
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def refused(monkeypatch):
    """Make triggers that ask a port where nothing listens, and do so once; started as long ago as said."""
    monkeypatch.setattr(pod_trigger, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(AsyncKubernetesHook.get_pod.retry, "stop", stop_after_attempt(1))
    (port,) = free_ports(1)
    return lambda seconds_ago: StepPodTrigger(
        pod_name="a-step",
        pod_namespace="default",
        trigger_start_time=datetime.now(UTC) - timedelta(seconds=seconds_ago),
        base_container_name="base",
        config_dict=kubeconfig(f"http://{HOST}:{port}"),
        in_cluster=False,
        poll_interval=0.2,
    )


def first_event(trigger):
    return asyncio.run(anext(trigger.run())).payload


def test_an_api_that_does_not_come_back_is_told_in_one_sentence(monkeypatch, refused):
    monkeypatch.setattr(pod_trigger, "PATIENCE_SECONDS", 1)
    why = first_event(refused(60))["end"]["why"]
    assert why.startswith("Kubernetes did not answer for 1 s (")
    assert why.endswith("see to its API server.")
    assert f"{HOST}:" in why


@pytest.mark.parametrize("seconds_ago", [0, -3600], ids=["same clock", "worker's clock ahead"])
def test_airflow_hears_of_the_end_when_the_worker_that_deferred_is_surely_done(
    seconds_ago, monkeypatch, refused
):
    monkeypatch.setattr(pod_trigger, "SETTLED_SECONDS", 2)
    begin = time.time()
    assert first_event(refused(seconds_ago))["end"]["why"]
    assert time.time() - begin >= 2


def test_nothing_is_waited_for_long_after_the_deferral(monkeypatch, refused):
    monkeypatch.setattr(pod_trigger, "SETTLED_SECONDS", 3600)
    assert first_event(refused(3601))["end"]["why"]
