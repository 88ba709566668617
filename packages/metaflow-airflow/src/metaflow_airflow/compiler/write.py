"""Write: the DAG file appears whole or not at all, and never over a file that people wrote."""

import os
import tempfile
from pathlib import Path

from metaflow.exception import MetaflowException

MARK = "by metaflow-airflow"


class CannotWrite(MetaflowException):
    """The DAG file cannot be written where it should be."""

    headline = "Cannot write the DAG file"


def check_target(target: Path, flow_file: Path) -> None:
    """Raise CannotWrite when a DAG file may not be written there."""
    if target.resolve() == flow_file.resolve():
        raise CannotWrite(f"{target} is the flow itself: name another file, such as dags/{target.name}.")
    if target.suffix != ".py":
        raise CannotWrite(f"{target} is not a Python file: give it a name that ends in .py.")
    if not target.parent.is_dir():
        raise CannotWrite(f"There is no directory {target.parent}: make it or name another file.")
    if target.is_dir():
        raise CannotWrite(f"{target} is a directory: name a file in it.")
    if target.exists() and MARK not in target.read_text(errors="replace"):
        raise CannotWrite(f"{target} was not compiled by this command: name another file or remove it first.")


def write_dag(target: Path, text: str) -> bool:
    """Write a DAG file in one step; return whether anything changed.

    A file that has this text already is not touched, so that Airflow does not parse it again.
    Raises CannotWrite when the directory or the disk does not take it.
    """
    if target.exists() and target.read_text() == text:
        return False
    try:
        with tempfile.NamedTemporaryFile("w", dir=target.parent, prefix=".", delete=False) as file:
            file.write(text)
        partial = Path(file.name)
        partial.chmod(0o666 & ~_umask())
        partial.replace(target)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be written: {error.strerror}.") from error
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
