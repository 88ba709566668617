"""What the parameters of a run may name: local paths and addresses inside the network, if they are allowed.

People who may start a run must not be able to read or replace arbitrary files of the worker, or to reach
servers that only the worker can reach. Standard library only: the DAG and the flows' steps use it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

ROOTS = "TAXI_DATA_ROOTS"
"""Variable: directories, separated as in PATH; runs may read and write the files below. Default: none."""
ADDRESSES = "TAXI_INTERNAL_ADDRESSES"
"""Variable: addresses such as http://files.internal:8080, separated by spaces. Default: none."""
GIVEN = "RAW_DATA_FILE"
"""Variable: a file with the sources that `make run` was given, one per line; runs may read them."""


def may_read(path: str | Path) -> bool:
    """Return whether a run may read this local path."""
    given = (source for source in _given_to_make_run() if "://" not in source)
    return may_write(path) or _is_below(path, given)


def may_write(path: str | Path) -> bool:
    """Return whether a run may write to this local path."""
    return _is_below(path, filter(None, os.environ.get(ROOTS, "").split(os.pathsep)))


def internal_origins() -> set[str]:
    """Return the origins, such as `http://files.internal:8080/`, that may be inside the network."""
    given = (source for source in _given_to_make_run() if source.startswith(("http://", "https://")))
    parts = map(urlsplit, [*os.environ.get(ADDRESSES, "").split(), *given])
    return {f"{part.scheme}://{part.netloc}/" for part in parts}


def _is_below(path: str | Path, roots: Iterable[str]) -> bool:
    real = Path(path).resolve()  # links lead out of a root
    return any(real.is_relative_to(Path(root).resolve()) for root in roots)


def _given_to_make_run() -> list[str]:
    file = os.environ.get(GIVEN)
    text = Path(file).read_text() if file and Path(file).is_file() else ""
    return [source for source in text.split("\n") if source]
