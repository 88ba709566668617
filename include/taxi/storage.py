"""Files by address: in S3, through Metaflow's client, or in the local file system."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from metaflow import S3
from metaflow.exception import MetaflowException
from taxi_access import ROOTS, may_read, may_write

from taxi.errors import UnusableAddressError, UnusableFeaturesError
from taxi.runtime import is_on_airflow

BUCKET = "s3://taxi-data/"
"""The project's own bucket: runs on Airflow may read and replace all that is in it."""


@contextmanager
def local_copy(address: str) -> Iterator[Path]:
    """Provide the path of a readable copy of the file at `address` for the duration of the context.

    Args:
        address: `s3://bucket/key`, or a local path, which is used as it is.

    Raises:
        UnusableFeaturesError: the file does not exist or cannot be read.
        UnusableAddressError: a run on Airflow may not read it.
    """
    _require_allowed(address, may_read)
    if not _in_s3(address):
        path = Path(address)
        if not path.is_file():
            raise UnusableFeaturesError(f"There is no file {address}: {_HOW_TO_MAKE_FEATURES}.")
        yield path
        return
    with S3() as s3:
        try:
            path = Path(s3.get(address).path)
        except MetaflowException as error:
            raise UnusableFeaturesError(
                f"Cannot read {address} ({_reason(error)}): {_HOW_TO_MAKE_FEATURES}."
            ) from error
        yield path


@contextmanager
def new_file(address: str) -> Iterator[Path]:
    """Provide a path to write to; the file there replaces `address` in one step when the context ends.

    Readers see the old file or the new one, never a part of it. If the context raises, the old one stays.

    Raises:
        UnusableAddressError: the directory or bucket does not exist or cannot be written to, or a run on
            Airflow may not write there.
    """
    _require_allowed(address, may_write)
    directory = None if _in_s3(address) else Path(address).absolute().parent
    if directory is not None and not directory.is_dir():
        raise UnusableAddressError(
            f"Cannot write {address}: {directory} is not a directory; create it or give another address."
        )
    if directory is not None and Path(address).is_dir():
        raise UnusableAddressError(f"Cannot write {address}: it is a directory; give the name of a file.")
    with tempfile.TemporaryDirectory(dir=directory, prefix=".unfinished-") as scratch:
        path = Path(scratch) / "file"
        yield path
        if directory is not None:
            path.replace(address)
            return
        with S3() as s3, path.open("rb") as content:
            try:
                s3.put(address, content)
            except MetaflowException as error:
                raise UnusableAddressError(
                    f"Cannot write {address} ({_reason(error)}): check the bucket and the credentials."
                ) from error


_HOW_TO_MAKE_FEATURES = "run the DAG data_engineering_dag to make the features, or give another --features"


def _require_allowed(address: str, is_allowed: Callable[[str], bool]) -> None:
    """Raise UnusableAddressError if a run on Airflow may not use this address.

    A person who runs a flow by hand has other means to read and write their own files.
    """
    if not is_on_airflow() or (address.startswith(BUCKET) if _in_s3(address) else is_allowed(address)):
        return
    raise UnusableAddressError(
        f"Runs on Airflow may not use {address}: give an address below {BUCKET}, or set {ROOTS} on the "
        "worker to a directory above it."
    )


def _in_s3(address: str) -> bool:
    if "://" not in address:
        return False
    if not re.fullmatch(r"s3://[^/]+/.*[^/]", address):
        raise UnusableAddressError(
            f"{address} is neither a file in S3 (s3://bucket/key) nor a local path: give one of these."
        )
    return True


def _reason(error: MetaflowException) -> str:
    name = type(error).__name__.removeprefix("MetaflowS3")
    return {"NotFound": "it does not exist", "AccessDenied": "access denied"}.get(
        name, " ".join(str(error).split())
    )
