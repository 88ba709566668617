"""What the trigger reports about a cluster whose API does not respond, and when it reports it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
from kubernetes_support import kubeconfig
from metaflow_airflow.runners.kubernetes import pod_trigger
from metaflow_airflow.runners.kubernetes.pod_trigger import StepPodTrigger
from tenacity import stop_after_attempt

from local.stack.free_ports import HOST, free_ports

# If a wait had lost its upper bound, it would take an hour.
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def refused_trigger(monkeypatch):
    """Creates triggers, started the given number of seconds ago, that ask an unused port, and only once."""
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


def test_an_api_that_stays_away_is_reported_in_one_message(monkeypatch, refused_trigger):
    monkeypatch.setattr(pod_trigger, "PATIENCE_SECONDS", 1)
    why = first_event(refused_trigger(60))["end"]["why"]
    assert why.startswith("Kubernetes did not respond for 1 s (")
    assert why.endswith("check its API server.")
    assert f"{HOST}:" in why


@pytest.mark.parametrize("seconds_ago", [0, -3600], ids=["same clock", "worker's clock ahead"])
def test_the_event_waits_until_the_deferring_worker_has_finished(seconds_ago, monkeypatch, refused_trigger):
    monkeypatch.setattr(pod_trigger, "SETTLED_SECONDS", 2)
    begin = time.time()
    assert first_event(refused_trigger(seconds_ago))["end"]["why"]
    assert time.time() - begin >= 2


def test_the_event_does_not_wait_long_after_the_deferral(monkeypatch, refused_trigger):
    monkeypatch.setattr(pod_trigger, "SETTLED_SECONDS", 3600)
    assert first_event(refused_trigger(3601))["end"]["why"]
