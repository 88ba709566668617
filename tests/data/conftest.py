"""A bare S3 server and the steps of the data pipeline, for tests that need no Airflow."""

import io
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

os.environ.setdefault(
    "AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-home-")
)  # Airflow reads it when imported

import pyarrow.parquet as pq
import pytest

from local.stack.credentials import load_credentials
from local.stack.environment import process_environment
from local.stack.health import is_ready, s3_client
from local.stack.services import S3, command, write_s3_identities
from local.stack.settings import REPOSITORY, load_settings, with_internal_ports
from tests.data.trips import HEADERS, good_trips, to_csv
from tests.support.running_stack import stack_environment

BUCKET = "taxi-data"
RUN = "manual__2026-01-01T00:00:00+00:00"  # as Airflow names its runs
DBT_PROJECT = REPOSITORY / "include" / "dbt"
SECONDS_TO_START = 30


@dataclass(frozen=True)
class Storage:
    """The S3 server: `env` for subprocesses that use it, and what is in the pipeline's bucket."""

    client: Any
    env: dict[str, str]

    def names(self, prefix: str = "") -> list[str]:
        """List the keys below a prefix."""
        return [
            found["Key"]
            for found in self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        ]

    def read(self, key: str) -> bytes:
        """Return an object's content."""
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def rows(self, key: str) -> list[dict[str, Any]]:
        """Return the rows of a Parquet object."""
        return pq.read_table(io.BytesIO(self.read(key))).to_pylist()

    def put(self, key: str, content: bytes) -> str:
        """Write an object and return its address."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Start SeaweedFS and let this process's Airflow connection lead to it."""
    folder = tmp_path_factory.mktemp("s3")
    settings = load_settings(stack_environment(folder, folder))
    (folder / "s3").mkdir()
    settings = with_internal_ports(settings)
    write_s3_identities(settings, load_credentials(settings.state))
    env = process_environment(settings)
    with (folder / "weed.log").open("wb") as log, pytest.MonkeyPatch.context() as patch:
        server = subprocess.Popen(command(S3, settings), stdout=log, stderr=log, env=env)
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while not is_ready(S3, settings, 0):
                assert server.poll() is None, (folder / "weed.log").read_text()
                assert time.monotonic() < deadline, (folder / "weed.log").read_text()
                time.sleep(0.2)
            patch.setenv("AIRFLOW_CONN_AWS_DEFAULT", env["AIRFLOW_CONN_AWS_DEFAULT"])
            patch.setenv("DO_NOT_TRACK", "1")
            yield Storage(s3_client(settings), env)
        finally:
            server.kill()  # nobody needs its data
            server.wait()


@pytest.fixture
def source(tmp_path: Path) -> Callable[[str, bytes], str]:
    """Write a file below the test's directory and return its path."""

    def write(name: str, content: bytes) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    return write


@pytest.fixture(scope="session")
def dbt(s3: Storage, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run a dbt command on what the run `RUN` has landed and return its result."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("dbt")

    def invoke(*arguments: str) -> Any:
        options = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        options += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        return dbtRunner().invoke([*arguments, "--vars", f"{{run: {RUN}}}", *options])

    return invoke


@pytest.fixture
def pipeline(s3: Storage, dbt: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Run what the DAG runs up to the published features, and return its report."""
    from include.taxi_data.landing import land
    from include.taxi_data.publishing import publish_features, remove_staging
    from include.taxi_data.sources import list_files

    def run(*sources: str) -> dict[str, Any]:
        remove_staging(RUN)
        landed = [land(file, RUN, i) for i, file in enumerate(list_files(list(sources)))]
        built = dbt("build", "--exclude", "resource_type:unit_test")
        assert built.success, built.exception or [result.message for result in built.result]
        return publish_features(RUN, landed)

    return run


@pytest.fixture(scope="session")
def tlc() -> Path:
    """Return the directory of the two real samples: beside the repository, not part of it."""
    folder = REPOSITORY.parent / "shared" / "data" / "tlc"
    assert list(folder.glob("*.csv")), (
        f"no TLC samples (January and February 2019, CSV) in {folder}: put them there"
    )
    return folder


class _Pages(BaseHTTPRequestHandler):
    """A web server with good and bad answers."""

    def do_GET(self) -> None:
        body = to_csv(HEADERS["snake_case"], good_trips(5))
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
    """Serve `_Pages` and return their address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
