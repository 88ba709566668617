"""The fixture `s3`: an S3 server alone, for tests that need no Airflow; it starts within two seconds."""

import io
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
import pytest

from local.stack.environment import process_environment
from local.stack.health import is_ready, s3_client
from local.stack.s3_security import write_s3_secrets
from local.stack.services import S3, command
from local.stack.settings import Settings, load_settings, with_internal_ports
from tests.support.running_stack import stack_environment

BUCKET = "taxi-data"
SECONDS_TO_START = 30


@dataclass(frozen=True)
class S3Server:
    """A running S3 server: `client` (boto3), `env` for subprocesses that use it, `settings` and process id.

    The other methods are about objects in the pipeline's bucket.
    """

    client: Any
    env: dict[str, str]
    settings: Settings
    pid: int

    def names(self, prefix: str = "") -> list[str]:
        """List the keys below a prefix."""
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]

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
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Start SeaweedFS as the stack does, and point this process's Airflow connection at it."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / "s3").mkdir()
    settings = with_internal_ports(load_settings(stack_environment(folder, folder)))
    write_s3_secrets(settings)
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
            yield S3Server(s3_client(settings), env, settings, server.pid)
        finally:
            server.kill()  # its data is not needed any more
            server.wait()
