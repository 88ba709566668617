"""The sources in RAW_DATA, checked before anything is started."""

import glob
from itertools import takewhile
from pathlib import Path

from local.errors import StackError
from local.stack.credentials import write_private
from local.stack.settings import Settings

ADDRESSES = ("http", "https", "s3")


def raw_data_sources(text: str) -> list[str]:
    """Return the comma-separated sources in RAW_DATA, paths made absolute.

    Raises:
        StackError: no file matches a path or pattern, or an address is not http(s):// or s3://.
    """
    whole = Path(text).expanduser()
    parts = [text] if text and whole.exists() else [part.strip() for part in text.split(",")]
    return [_source(part) for part in parts if part]


def allow_raw_data(sources: list[str], settings: Settings) -> None:
    """Let the runs of this stack read these sources: add them to those that earlier runs were given.

    Of a pattern, runs may read the directory that it searches.
    """
    file = settings.raw_data_file
    known = file.read_text().splitlines() if file.exists() else []
    allowed = dict.fromkeys([*known, *map(_place, sources)])
    write_private(file, "".join(f"{place}\n" for place in allowed))


def _place(source: str) -> str:
    if "://" in source or Path(source).exists():
        return source
    parts = Path(source).parts
    return str(Path(*takewhile(lambda part: not glob.has_magic(part), parts)))


def _source(part: str) -> str:
    scheme, separator, _ = part.partition("://")
    if separator and scheme.lower() in ADDRESSES:
        return part
    if separator:
        raise StackError(
            f"RAW_DATA names {part}, which is not a supported address: use a path, http(s):// or s3://."
        )
    path = Path(part).expanduser().absolute()
    if path.exists() or glob.glob(str(path), recursive=True):  # noqa: PTH207 - Path.glob takes no absolute one
        return str(path)
    raise StackError(f"RAW_DATA names {part}, but {path} does not exist: check the path.")
