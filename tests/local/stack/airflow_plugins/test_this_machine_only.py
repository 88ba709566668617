"""Web pages of other origins cannot use an Airflow without a login through the browser."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from local.stack.airflow_plugins.this_machine_only import ThisMachineOnly


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", lambda _: PlainTextResponse("Airflow"), methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(ThisMachineOnly)]))


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost:8080", "localhost", "LOCALHOST:9080", "[::1]:8080"]
)
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).text == "Airflow"
    assert client.post("/", headers={"Host": host, "Origin": f"http://{host}"}).text == "Airflow"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8080",
        "192.168.1.2",
        "",
        "evil.example@localhost:8080",
        "[::1",
        "localhost:8080.evil.example",
    ],
)
def test_other_hosts_are_refused(client: TestClient, host: str) -> None:
    refused = client.get("/", headers={"Host": host})
    assert refused.status_code == 403
    assert "AIRFLOW_LOGIN=1 make run" in refused.text


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:8080",
        "http://localhost:3000",
        "http://127.0.0.1:8080",
        "null",
    ],
)
def test_other_origins_are_refused(client: TestClient, origin: str) -> None:
    assert client.post("/", headers={"Host": "localhost:8080", "Origin": origin}).status_code == 403
