"""The directory in which a step runs on a worker."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metaflow_airflow.runners.own_directory import locked, own_directory


@contextmanager
def scratch_directory(step: str) -> Iterator[Path]:
    """Yield a new directory for one step, and remove it at the end.

    Those of workers that were killed are removed, too: each worker locks its own as long as it lives.

    Raises:
        AirflowFailException: If the directory of all scratch directories belongs to another user.
    """
    # A short path: the sockets that a step creates in it must fit into 108 bytes.
    root = Path(tempfile.gettempdir()) / f"mf-steps-{os.getuid()}"
    with own_directory(root, "directory of steps", "set TMPDIR to a directory of your own") as all_steps:
        with locked(all_steps):
            _remove_leftovers(root)
            scratch = tempfile.TemporaryDirectory(prefix=f"{step}-", dir=root, ignore_cleanup_errors=True)
            lock = os.open(scratch.name, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with scratch as name:
                yield Path(name)
        finally:
            os.close(lock)


def _remove_leftovers(root: Path) -> None:
    """Remove the directories that no process has locked."""
    for directory in root.iterdir():
        try:
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # its worker has just removed it, or it is no directory of a worker
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(directory, ignore_errors=True)
        finally:
            os.close(lock)
