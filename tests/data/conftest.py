"""A web server with good and bad answers."""

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
        self.send_response(status)
        self.send_header("Content-Length", str(length if self.path == "/cut.csv" else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def web() -> Iterator[str]:
    """Serve the pages and return their address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
