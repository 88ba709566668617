"""Directories that only this user can write to, although others may write next to them, as in `/tmp`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from airflow.providers.common.compat.sdk import AirflowFailException

WRITABLE_BY_OTHERS = 0o022


@contextmanager
def own_directory(path: Path, what: str, remedy: str) -> Iterator[int]:
    """Create a directory unless it exists, and yield its descriptor.

    What is checked is what the descriptor refers to, whatever happens to the path afterwards.

    Args:
        path: The directory.
        what: What it is, for messages.
        remedy: How to choose another one, for messages.

    Raises:
        AirflowFailException: If it is not a directory, or another user owns it or can write to it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        reason = "is a link, not a directory" if path.is_symlink() else f"cannot be used: {error.strerror}"
        raise AirflowFailException(f"The {what} {path} {reason}: {remedy}.") from error
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.getuid():
            raise AirflowFailException(f"The {what} {path} belongs to another user: {remedy}.")
        if found.st_mode & WRITABLE_BY_OTHERS:
            raise AirflowFailException(
                f"Other users can write to the {what} {path}: run `chmod go-w` on it, or {remedy}."
            )
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def locked(directory: int) -> Iterator[None]:
    """Hold the lock of a directory, given by its descriptor; a killed process gives it back."""
    fcntl.flock(directory, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(directory, fcntl.LOCK_UN)
