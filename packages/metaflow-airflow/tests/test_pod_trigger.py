"""What a step says of a cluster whose API does not answer."""

import asyncio
from datetime import UTC, datetime

from airflow.providers.cncf.kubernetes.hooks.kubernetes import AsyncKubernetesHook
from kubernetes_support import kubeconfig
from metaflow_airflow.operators import pod_trigger
from metaflow_airflow.operators.pod_trigger import StepPodTrigger
from tenacity import stop_after_attempt

from local.ports import HOST, free_ports


def test_an_api_that_does_not_come_back_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(pod_trigger, "PATIENCE_SECONDS", 1)
    monkeypatch.setattr(AsyncKubernetesHook.get_pod.retry, "stop", stop_after_attempt(1))
    (port,) = free_ports(1)
    trigger = StepPodTrigger(
        pod_name="a-step",
        pod_namespace="default",
        trigger_start_time=datetime.now(UTC),
        base_container_name="base",
        config_dict=kubeconfig(f"http://{HOST}:{port}"),
        in_cluster=False,
        poll_interval=0.2,
    )
    event = asyncio.run(anext(trigger.run()))
    why = event.payload["end"]["why"]
    assert why.startswith("Kubernetes did not answer for 1 s (")
    assert why.endswith("see to its API server.")
    assert str(port) in why
