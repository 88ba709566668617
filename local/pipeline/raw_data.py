"""What RAW_DATA names, before anything is started."""

import glob
from pathlib import Path

from local.errors import StackError

ADDRESSES = ("http", "https", "s3")


def raw_data_sources(text: str) -> list[str]:
    """Split RAW_DATA at its commas and make paths absolute; addresses stay as they are.

    Raises StackError for a path or pattern that stands for no file, and for an address of another kind.
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
            f"RAW_DATA names {part}, whose kind of address is not known here: use a path, http(s):// or s3://."
        )
    path = Path(part).expanduser().absolute()
    if path.exists() or glob.glob(str(path), recursive=True):  # noqa: PTH207 - Path.glob takes no absolute one
        return str(path)
    raise StackError(f"RAW_DATA names {part}, and there is no {path}: check the path.")
