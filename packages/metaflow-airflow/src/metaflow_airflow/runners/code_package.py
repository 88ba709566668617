"""The flow's code on a worker: downloaded once, and unpacked for each step, which may change its own copy."""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException

from metaflow_airflow.runners.code_cache import cached_package
from metaflow_airflow.runners.installed_bytecode import reuse_bytecode

CODE_DIRECTORY = ".mf_code"  # where Metaflow puts itself and its extensions in a code package


@dataclass(frozen=True, slots=True)
class UnpackedPackage:
    """A code package unpacked into a directory, laid out as in a pod."""

    directory: Path

    def environment(self, others: Mapping[str, str]) -> dict[str, str]:
        """Return variables that make Python import the package's code in preference to that of `others`."""
        paths = [str(self.directory / CODE_DIRECTORY), others.get("PYTHONPATH", "")]
        return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def unpacked_package(package: str, directory: Path) -> UnpackedPackage:
    """Unpack a code package, downloaded from the datastore unless this machine already has it.

    Args:
        package: The package's path below the datastore root, which ends with the package's SHA-1.
        directory: The directory to create.

    Raises:
        AirflowException: If the package cannot be read.
        AirflowFailException: If the package does not exist, does not have that SHA-1, or holds anything but
            files below its own directory; or if the code cache belongs to another user.
    """
    unpack(cached_package(PurePosixPath(package).name, lambda: fetch(package)), directory)
    return UnpackedPackage(directory)


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


def unpack(content: bytes, directory: Path) -> None:
    """Unpack a code package into a new directory.

    Not with `extractall`, which is several times slower, and before Python 3.11.4 writes wherever the archive
    says.

    Raises:
        AirflowFailException: If the package holds anything but files and directories below its own directory.
    """
    folders: set[str] = set()
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content)), mode="r:") as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()) or not _is_below(member.name):
                raise AirflowFailException(
                    f"The code package contains {member.name!r}, which is not a file below the package's "
                    "directory: compile the flow again, and find out who writes to the datastore."
                )
            path = f"{directory}/{member.name}"
            folder = path if member.isdir() else os.path.dirname(path)  # noqa: PTH120  (pathlib is too slow here)
            if folder not in folders:
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103
                folders.add(folder)
            if member.isfile():
                _write(archive, member, path)


def _is_below(name: str) -> bool:
    """Return whether the name of an archive's member is a path that stays below the archive's directory."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> None:
    """Write one file of an archive; as with tarfile's own filter, others cannot write to it."""
    file = archive.extractfile(member)
    assert file is not None  # noqa: S101  (it is a regular file)
    content = file.read()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with open(os.open(path, flags, member.mode & 0o755 | 0o600), "wb", buffering=0) as target:  # noqa: PTH123
        target.write(content)
    top, _, module = member.name.partition("/")
    if top == CODE_DIRECTORY and module.endswith(".py"):
        reuse_bytecode(path, module, content)
