"""A pod reports which service it cannot reach, and the setting to change."""

import socket

import pytest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task import reach


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(reach, "PAUSE_SECONDS", 0)


def test_an_unused_port_is_reported_with_its_setting():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        message = reach.unreachable({"METAFLOW_SERVICE_URL": url})
        assert message.startswith(f"Pods cannot reach the metadata service at {url} (Connection refused)")
        assert "METAFLOW_SERVICE_INTERNAL_URL" in message
        bound.listen()
        assert reach.unreachable({"METAFLOW_S3_ENDPOINT_URL": url, "METAFLOW_SERVICE_URL": url}) == ""


def test_an_unknown_host_is_reported():
    message = reach.unreachable({"METAFLOW_S3_ENDPOINT_URL": "http://no-such-host.invalid:1"})
    assert "Pods cannot reach S3 at http://no-such-host.invalid:1 (" in message


def test_a_host_behind_a_proxy_is_not_contacted_directly(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert reach.problem_of("http://no-such-host.invalid") == ""
