"""The code packages that a worker has downloaded, verified each time they are used."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from metaflow_airflow.runners.own_directory import locked, own_directory

LARGEST = 512 << 20  # bytes of all packages together; those used last are kept
PACKAGE = re.compile(r"[0-9a-f]{40}\.tgz")
DRAFT = ".draft"


def default_cache() -> Path:
    """Return the path of the cache unless `[metaflow] code_cache` names another one."""
    return Path(tempfile.gettempdir()) / f"metaflow-airflow-{os.getuid()}"


def configured_cache() -> Path:
    """Return the path of the cache."""
    from airflow.providers.common.compat.sdk import conf

    return Path(conf.get("metaflow", "code_cache", fallback=str(default_cache())))


@contextmanager
def own_cache(path: Path) -> Iterator[int]:
    """Yield the descriptor of a cache, which only this user can write to.

    Raises:
        AirflowFailException: If it is not a directory, or another user owns it or can write to it.
    """
    remedy = "set AIRFLOW__METAFLOW__CODE_CACHE to a directory of your own"
    with own_directory(path, "code cache", remedy) as directory:
        yield directory


def cached_package(sha1: str, fetch: Callable[[], bytes]) -> bytes:
    """Return the package with this SHA-1: from the cache, or from `fetch` if it is not there or was changed.

    Raises:
        AirflowFailException: If the cache is not a directory of this user's own.
    """
    name = f"{sha1}.tgz"
    with own_cache(configured_cache()) as directory:
        if (content := _verified(directory, name, sha1)) is not None:
            return content
        with locked(directory):
            if (content := _verified(directory, name, sha1)) is not None:  # another worker was faster
                return content
            content = fetch()
            _save(directory, name, content)
            _remove_oldest(directory)
            return content


def _verified(directory: int, name: str, sha1: str) -> bytes | None:
    """Return a package's content, None if it is not the one that the compiled flow names."""
    try:
        with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=directory), "rb") as file:  # noqa: PTH123
            content = file.read()
            if hashlib.sha1(content, usedforsecurity=False).hexdigest() != sha1:
                return None
            os.utime(file.fileno())  # used now
            return content
    except OSError:
        return None


def _save(directory: int, name: str, content: bytes) -> None:
    """Write a package, never half of it under its own name; replace the draft of a killed worker."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with open(os.open(DRAFT, flags, 0o600, dir_fd=directory), "wb") as file:  # noqa: PTH123
        file.write(content)
    os.replace(DRAFT, name, src_dir_fd=directory, dst_dir_fd=directory)


def _remove_oldest(directory: int) -> None:
    """Remove the packages that have not been used for longest until the others fit into the cache."""
    names = [name for name in os.listdir(directory) if PACKAGE.fullmatch(name)]
    found = [(os.stat(name, dir_fd=directory, follow_symlinks=False), name) for name in names]
    size = 0
    for file, name in sorted(found, key=lambda each: each[0].st_mtime, reverse=True):
        size += file.st_size
        if size > LARGEST:
            os.unlink(name, dir_fd=directory)
