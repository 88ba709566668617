"""Metaflow's configured datastore, and S3 as steps use it."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from metaflow.metaflow_config import DEFAULT_DATASTORE
from metaflow.plugins import DATASTORES
from metaflow.plugins.datastores.s3_storage import S3Storage
from metaflow.plugins.datatools.s3.s3 import S3Client

FEW_FILES = 10  # up to this number, Metaflow too saves files one by one in its own process
SMALL_BYTES = 16 << 20  # of all files together, because they are kept in memory at the same time

File = tuple[str, Any]  # a path, and a stream or a stream with its metadata


def default_datastore() -> tuple[Any, str]:
    """Return the class and the root of the datastore that Metaflow's configuration selects."""
    storage = next(candidate for candidate in DATASTORES if candidate.TYPE == DEFAULT_DATASTORE)
    return storage, storage.get_datastore_root_from_config(lambda *_, **__: None)


class StepS3Storage(S3Storage):
    """Shares one S3 client between a process and its forks, and saves a few small files in this process.

    Metaflow creates a new client each time, for which boto3 parses its description of S3 again: about 0.15 s
    of CPU time. For more than ten artifacts Metaflow also starts processes that save in parallel, and it
    counts those that are already in the datastore, which most of a step's are. For a few small files that is
    slower than saving them one by one: about a second of CPU time per step.
    """

    _client = S3Client()

    def __init__(self, root: str | None = None) -> None:
        super().__init__(root)
        self.s3_client = self._client
        _ = self._client.client  # created now, so that forks inherit it

    def save_bytes(
        self, path_and_bytes_iter: Iterable[File], overwrite: bool = False, len_hint: int = 0
    ) -> None:
        """Save all files, with Metaflow's own parallel processes only if there are many or large ones."""
        files = iter(path_and_bytes_iter)
        first, are_all = _first_files(files)
        super().save_bytes(_released_one_by_one(first, files), overwrite, 0 if are_all else len_hint)


def use_in_steps() -> None:
    """Replace Metaflow's own S3 storage in this process; leave that of another extension in place."""
    DATASTORES[:] = [StepS3Storage if each is S3Storage else each for each in DATASTORES]


def _first_files(files: Iterator[File]) -> tuple[deque[File], bool]:
    """Return the first files, and whether they are all of them, few and small."""
    first: deque[File] = deque()
    size = 0
    for path, content in files:
        first.append((path, content))
        size += _size(content)
        if len(first) > FEW_FILES or size > SMALL_BYTES:
            return first, False
    return first, True


def _released_one_by_one(first: deque[File], others: Iterator[File]) -> Iterator[File]:
    """Yield all files without keeping references, so that a file's memory is freed once it is saved."""
    while first:
        yield first.popleft()
    yield from others


def _size(content: Any) -> int:
    """Return the size in bytes of a stream in memory; for any other stream, more than SMALL_BYTES."""
    stream = content[0] if isinstance(content, tuple) else content
    return stream.getbuffer().nbytes if hasattr(stream, "getbuffer") else SMALL_BYTES + 1
