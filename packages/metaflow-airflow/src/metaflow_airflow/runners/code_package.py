"""The flow's code on a worker: fetched, verified and unpacked once for each version of the code."""

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

CODE_DIRECTORY = ".mf_code"  # where Metaflow puts itself and its extensions in a code package


@dataclass(frozen=True, slots=True)
class UnpackedPackage:
    """A code package in a directory of this machine."""

    directory: Path

    def link_into(self, work: Path) -> None:
        """Make a working directory with the package's files, as in a pod; what a step adds stays there."""
        work.mkdir()
        for entry in self.directory.iterdir():
            (work / entry.name).symlink_to(entry)

    def environment(self, others: Mapping[str, str]) -> dict[str, str]:
        """Return the variables with which Python finds the package's code before that of `others`."""
        paths = [str(self.directory / CODE_DIRECTORY), others.get("PYTHONPATH", "")]
        return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def unpacked_package(package: str) -> UnpackedPackage:
    """Return the code package, fetched from the datastore when this machine does not have it yet.

    `package` is its path below the datastore root and ends with its SHA-1.
    Raises AirflowException when it cannot be read, AirflowFailException when it is not what it should be.
    """
    cache = cache_directory()
    directory = cache / Path(package).name
    if not directory.exists():
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not directory.exists():
                _unpack(fetch(package), directory)
    return UnpackedPackage(directory)


def cache_directory() -> Path:
    """Return the directory of unpacked packages, which only this user can write to."""
    from airflow.providers.common.compat.sdk import conf

    default = Path(tempfile.gettempdir()) / f"metaflow-airflow-{os.getuid()}"
    directory = Path(conf.get("metaflow", "code_cache", fallback=str(default)))
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.getuid():
        raise AirflowFailException(
            f"The code cache {directory} belongs to another user: "
            "set AIRFLOW__METAFLOW__CODE_CACHE to a directory of your own."
        )
    return directory


def fetch(package: str) -> bytes:
    """Return the bytes of a code package after comparing their SHA-1 with its name."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore

    storage_class, root = default_datastore()
    where = f"{root}/{package}"
    try:
        with storage_class(root).load_bytes([package]) as files:
            found = next((path for _, path, _ in files), None)
            content = Path(found).read_bytes() if found else None
    except Exception as error:  # each datastore has errors of its own
        raise AirflowException(f"The code package {where} cannot be read: {error}") from error
    if content is None:
        raise AirflowFailException(
            f"There is no code package {where}: compile the flow against this datastore."
        )
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != Path(package).name:
        raise AirflowFailException(
            f"The code package {where} was changed after it was compiled: compile again."
        )
    return content


def _unpack(content: bytes, directory: Path) -> None:
    """Unpack beside the final place and move there, so that the place never holds half a package."""
    partial = Path(tempfile.mkdtemp(dir=directory.parent))
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            # Debian 12's Python, 3.11.2, has no filters; what `fetch` returns has the right hash in any case.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(partial)  # noqa: S202
        partial.rename(directory)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
