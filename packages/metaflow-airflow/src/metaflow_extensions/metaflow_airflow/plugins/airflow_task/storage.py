"""Metaflow's S3 datastore as steps use it: no processes are started for a few small files."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from metaflow.plugins import DATASTORES
from metaflow.plugins.datastores.s3_storage import S3Storage

FEW_FILES = 10  # up to which Metaflow, too, saves one after the other in its own process
SMALL_BYTES = 16 << 20  # of all together: more than these are not kept in memory at once


class StepS3Storage(S3Storage):
    """Saves few and small files in this process.

    Metaflow starts processes that save in parallel for more than ten artifacts, counting those that the
    datastore has already, which most of a step's are. For a few small files that takes longer than saving
    them one after the other: about a second of the processor in each step.
    """

    def save_bytes(
        self, path_and_bytes_iter: Iterable[tuple[str, Any]], overwrite: bool = False, len_hint: int = 0
    ) -> None:
        """Save what the iterator yields: paths, each with a stream, or with a stream and its metadata."""
        files = iter(path_and_bytes_iter)
        seen: list[tuple[str, Any]] = []
        size = 0
        for path, content in files:
            seen.append((path, content))
            size += _size(content)
            if len(seen) > FEW_FILES or size > SMALL_BYTES:
                super().save_bytes(chain(seen, files), overwrite, len_hint)
                return
        super().save_bytes(seen, overwrite, len_hint=0)


def use_in_steps() -> None:
    """Take this class for Metaflow's own in this process; another extension's stays."""
    DATASTORES[:] = [StepS3Storage if each is S3Storage else each for each in DATASTORES]


def _size(content: Any) -> int:
    """Return how many bytes a stream in memory holds; more than a few for any other."""
    stream = content[0] if isinstance(content, tuple) else content
    return stream.getbuffer().nbytes if hasattr(stream, "getbuffer") else SMALL_BYTES + 1
