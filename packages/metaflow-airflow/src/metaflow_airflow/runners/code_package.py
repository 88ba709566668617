"""The flow's code on a worker: downloaded, verified and unpacked once per version of the code."""

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
    """A code package unpacked into a directory of this machine."""

    directory: Path

    def link_into(self, work: Path) -> None:
        """Create a working directory with links to the package's files, laid out as in a pod.

        Files that a step creates stay in the working directory.
        """
        work.mkdir()
        for entry in self.directory.iterdir():
            (work / entry.name).symlink_to(entry)

    def environment(self, others: Mapping[str, str]) -> dict[str, str]:
        """Return variables that make Python import the package's code in preference to that of `others`."""
        paths = [str(self.directory / CODE_DIRECTORY), others.get("PYTHONPATH", "")]
        return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def unpacked_package(package: str) -> UnpackedPackage:
    """Return a code package, downloaded from the datastore unless this machine already has it.

    Args:
        package: The package's path below the datastore root, which ends with the package's SHA-1.

    Raises:
        AirflowException: If the package cannot be read.
        AirflowFailException: If the package does not exist or does not have that SHA-1.
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
    """Return the directory of unpacked packages, which only this user can write to.

    Raises:
        AirflowFailException: If the directory belongs to another user.
    """
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
    """Return the bytes of a code package after comparing their SHA-1 with the package's name.

    Raises:
        AirflowException: If the package cannot be read.
        AirflowFailException: If the package does not exist or does not have that SHA-1.
    """
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore

    storage_class, root = default_datastore()
    where = f"{root}/{package}"
    try:
        with storage_class(root).load_bytes([package]) as files:
            found = next((path for _, path, _ in files), None)
            content = Path(found).read_bytes() if found else None
    except Exception as error:  # each datastore raises its own errors
        raise AirflowException(f"The code package {where} cannot be read: {error}") from error
    if content is None:
        raise AirflowFailException(
            f"There is no code package {where}: compile the flow against this datastore."
        )
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != Path(package).name:
        raise AirflowFailException(
            f"The code package {where} was changed after the flow was compiled: compile the flow again."
        )
    return content


def _unpack(content: bytes, directory: Path) -> None:
    """Unpack next to the destination and rename, so that the destination is never half unpacked."""
    partial = Path(tempfile.mkdtemp(dir=directory.parent))
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            # Debian 12's Python, 3.11.2, has no filters; the content's SHA-1 has been checked in any case.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            archive.extractall(partial)  # noqa: S202
        partial.rename(directory)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
