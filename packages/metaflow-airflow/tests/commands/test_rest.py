"""Errors between a command and Airflow: one message, with what to do."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from metaflow_airflow.commands.rest import Airflow, AirflowError

WITHOUT_CLIENT = """
import sys
sys.modules["airflow_client"] = None
from metaflow_airflow.commands.rest import Airflow, AirflowError
try:
    Airflow()
except AirflowError as error:
    print(error)
"""


@pytest.fixture
def server():
    """`server(status, body)` starts a server that responds to every request so, and returns its address."""
    servers = []

    def start(status: int, body: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for each in servers:
        each.shutdown()
        each.server_close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://example.com/airflow/", "https://example.com/airflow"),
        ("https://ann:sesame@example.com:8443/a", "https://example.com:8443/a"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_address_of_a_run_is_that_of_airflows_pages(url, address):
    run = SimpleNamespace(dag_id="a.b.F", dag_run_id="manual__2026-01-01T00:00:00+00:00/?#x")
    where = "dags/a.b.F/runs/manual__2026-01-01T00%3A00%3A00%2B00%3A00%2F%3F%23x"
    assert Airflow(url).run_address(run) == f"{address}/{where}"


def error_of(url: str) -> str:
    with pytest.raises(AirflowError) as caught:
        Airflow(url).dag("F")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_server_that_does_not_answer_is_named():
    message = error_of("http://127.0.0.1:9")
    assert message.startswith(
        "Airflow does not answer at http://127.0.0.1:9: start it, or set METAFLOW_AIRFLOW_API_URL"
    )
    assert "refused" in message


@pytest.mark.parametrize(("status", "body"), [(200, "<html>"), (200, "[]"), (200, '{"other": 1}')])
def test_another_server_is_not_taken_for_airflow(status, body, server):
    url = server(status, body)
    assert f"The server at {url} is not the API of Airflow 3" in error_of(url)


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_is_not_enough_is_reported_with_the_settings_for_another(status, server):
    message = error_of(server(status, '{"detail": "Forbidden"}'))
    assert "does not allow this login to do that (Forbidden)" in message
    assert "METAFLOW_AIRFLOW_TOKEN" in message


def test_a_request_that_airflow_refuses_is_reported_with_its_reason(server):
    detail = [{"msg": "Input should be a valid integer", "loc": ["body"]}, {"msg": "Field required"}]
    message = error_of(server(422, json.dumps({"detail": detail})))
    assert "(422): Input should be a valid integer; Field required" in message


def test_what_airflow_does_not_know_is_none(server):
    assert Airflow(server(404, '{"detail": "The Dag with ID: F was not found"}')).dag("F") is None


def test_a_missing_client_is_named_with_the_command_that_installs_it():
    done = subprocess.run([sys.executable, "-c", WITHOUT_CLIENT], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().endswith("is not installed: pip install apache-airflow-client"), done.stderr
