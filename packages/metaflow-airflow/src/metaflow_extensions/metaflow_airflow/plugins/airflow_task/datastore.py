"""Metaflow's datastore as the environment names it, and S3 as steps use it."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from metaflow.metaflow_config import DEFAULT_DATASTORE
from metaflow.plugins import DATASTORES
from metaflow.plugins.datastores.s3_storage import S3Storage
from metaflow.plugins.datatools.s3.s3 import S3Client

FEW_FILES = 10  # up to which Metaflow, too, saves one after the other in its own process
SMALL_BYTES = 16 << 20  # of all together: more than these are not kept in memory at once

File = tuple[str, Any]  # a path, and a stream or a stream with its metadata


def default_datastore() -> tuple[Any, str]:
    """Return the class and the root of the datastore that the environment names."""
    storage = next(candidate for candidate in DATASTORES if candidate.TYPE == DEFAULT_DATASTORE)
    return storage, storage.get_datastore_root_from_config(lambda *_, **__: None)


class StepS3Storage(S3Storage):
    """Has one client of S3 for a process and its forks, and saves few and small files in this process.

    boto3 reads its description of S3 anew for each client of Metaflow's: about 0.15 s of the processor.
    Metaflow starts processes that save in parallel for more than ten artifacts, counting those that the
    datastore has already, which most of a step's are. For a few small files that takes longer than saving
    them one after the other: about a second of the processor in each step.
    """

    _client = S3Client()

    def __init__(self, root: str | None = None) -> None:
        super().__init__(root)
        self.s3_client = self._client
        _ = self._client.client  # made now, so that forks find it

    def save_bytes(
        self, path_and_bytes_iter: Iterable[File], overwrite: bool = False, len_hint: int = 0
    ) -> None:
        """Save all files, as Metaflow does where they are many or large."""
        files = iter(path_and_bytes_iter)
        first, are_all = _first_files(files)
        super().save_bytes(_handed_over(first, files), overwrite, 0 if are_all else len_hint)


def use_in_steps() -> None:
    """Take this class for Metaflow's own in this process; another extension's stays."""
    DATASTORES[:] = [StepS3Storage if each is S3Storage else each for each in DATASTORES]


def _first_files(files: Iterator[File]) -> tuple[deque[File], bool]:
    """Return the first files, and whether those are all and few and small."""
    first: deque[File] = deque()
    size = 0
    for path, content in files:
        first.append((path, content))
        size += _size(content)
        if len(first) > FEW_FILES or size > SMALL_BYTES:
            return first, False
    return first, True


def _handed_over(first: deque[File], others: Iterator[File]) -> Iterator[File]:
    """Yield all files and keep none: a large one's memory is free as soon as it is saved."""
    while first:
        yield first.popleft()
    yield from others


def _size(content: Any) -> int:
    """Return how many bytes a stream in memory holds; more than a few for any other."""
    stream = content[0] if isinstance(content, tuple) else content
    return stream.getbuffer().nbytes if hasattr(stream, "getbuffer") else SMALL_BYTES + 1
