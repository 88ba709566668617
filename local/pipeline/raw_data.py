"""The sources in RAW_DATA, checked before anything is started."""

import glob
from pathlib import Path

from local.errors import StackError

ADDRESSES = ("http", "https", "s3")


def raw_data_sources(text: str) -> list[str]:
    """Return the comma-separated sources in RAW_DATA, paths made absolute.

    Raises:
        StackError: no file matches a path or pattern, or an address is not http(s):// or s3://.
    """
    whole = Path(text).expanduser()
    parts = [text] if text and whole.exists() else [part.strip() for part in text.split(",")]
    return [_source(part) for part in parts if part]


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
