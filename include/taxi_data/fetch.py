"""Fetching a source file to this machine, complete and decompressed."""

import gzip
import shutil
import zlib
from pathlib import Path

import requests
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowException
from botocore.exceptions import ClientError
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress

from include.taxi_access import ADDRESSES, internal_origins, may_read
from include.taxi_data.errors import BadSourceError, NotAllowedError
from include.taxi_data.sample import write_sample_file
from include.taxi_data.storage import CONNECTION

TIMEOUT = (10, 60)
"""Seconds to wait for a connection to a web server, and for its next bytes."""
TRY_AGAIN = {408, 425, 429}
"""Status codes below 500 of errors that may be temporary."""
CHUNK = 1 << 20


def fetch(source: str, folder: Path) -> Path:
    """Fetch the file at an address that `list_files` returned into a folder; return its path there.

    A gzip file is decompressed. The path does not contain the source's name. Raises BadSourceError if a user
    has to act, and AirflowException if a retry may succeed.
    """
    path = folder / "source"
    scheme, separator, rest = source.partition("://")
    match scheme.lower() if separator else "":
        case "sample":
            write_sample_file(source, path)
        case "http" | "https":
            _download(source, path)
        case "s3":
            _download_object(source, rest, path)
        case _:
            real = Path(source).resolve()
            if not may_read(real):
                raise NotAllowedError(source)
            path.symlink_to(real)
            try:
                path.open("rb").close()
            except OSError as error:
                problem = f"cannot be opened ({error.strerror}): check the path and its permissions"
                raise BadSourceError(source, problem) from None
    return _unpacked(source, path)


def _download(source: str, path: Path) -> None:
    try:
        with _session() as session, session.get(source, stream=True) as answer:
            status = f"{answer.status_code} {answer.reason}"
            if answer.status_code >= 500 or answer.status_code in TRY_AGAIN:
                raise AirflowException(f"{source} answers {status}: try again later.")
            if not answer.ok:
                raise BadSourceError(source, f"answers {status}: check the address")
            with path.open("wb") as file:
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        raise BadSourceError(source, "is not a valid web address: check it") from None
    except InvalidIPAddress:
        raise BadSourceError(
            source,
            "leads to an address inside the network, where runs must not go: give a public one, or add its"
            f" server to {ADDRESSES} on the worker",
        ) from None
    except requests.RequestException as error:
        raise AirflowException(
            f"{source} could not be read completely ({type(error).__name__}): try again later."
        ) from None


def _session() -> requests.Session:
    """Return a session that connects to public addresses only, also after a redirect.

    It connects to the very address that it has checked, so a name that resolves differently the next time
    gains nothing.
    """
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=False,
        never_redirect=False,
        default_timeout=TIMEOUT,
    )
    session = HTTPSession(config)
    for origin in internal_origins():
        session.mount(origin, HTTPAdapter())
    return session


def _download_object(source: str, rest: str, path: Path) -> None:
    bucket, _, key = rest.partition("/")
    try:
        S3Hook(CONNECTION).get_key(key, bucket).download_file(str(path))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise
        code = error.response["Error"]["Code"]
        raise BadSourceError(
            source, f"cannot be read with connection {CONNECTION} ({code}): check the address"
        ) from None


def _unpacked(source: str, path: Path) -> Path:
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return path
    unpacked = path.with_name("unpacked")
    try:
        # Not by DuckDB, which reads a truncated file without an error.
        with gzip.open(path) as packed, unpacked.open("wb") as file:
            shutil.copyfileobj(packed, file, CHUNK)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise BadSourceError(source, "is a truncated or damaged gzip file: download it again") from None
    return unpacked
