"""What tests of the data may read, and a web server with good and bad answers."""

import os
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.support.trip_files import CSV


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = CSV
        status, length = 200, len(body)
        match self.path.partition("?")[0]:
            case "/missing.csv":
                status, body = 404, b"not here"
            case "/trouble.csv":
                status, body = 503, b"come back"
            case "/page.csv":
                body = (
                    b"\n<!DOCTYPE html><html><body>Sorry, something went wrong, pickup_datetime</body></html>"
                )
            case "/cut.csv":
                body = body[:-20]
            case "/slow.csv":
                time.sleep(4)
            case "/moved.csv":
                status = 302
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.path.partition("?")[2])
        self.send_header("Content-Length", str(length if self.path == "/cut.csv" else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(autouse=True, scope="session")
def roots(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let runs read the files of the tests."""
    folders = filter(None, [tmp_path_factory.getbasetemp(), pytestconfig.option.tlc])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAXI_DATA_ROOTS", os.pathsep.join(map(str, folders)))
        yield


@pytest.fixture(scope="session")
def internal_web() -> Iterator[str]:
    """Serve the pages on the loopback interface and return their address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def web(internal_web: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of the pages, to which runs may go."""
    monkeypatch.setenv("TAXI_INTERNAL_ADDRESSES", f"http://files.example {internal_web}")
    return internal_web
