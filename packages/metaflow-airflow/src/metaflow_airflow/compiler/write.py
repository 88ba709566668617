"""Write: the DAG file appears whole or not at all, and never over a file that people wrote."""

import difflib
import os
import tempfile
from pathlib import Path

from metaflow.exception import MetaflowException

from metaflow_airflow.compiler.compiled_file import MARK

DIFF_LINES = 40  # that are shown


class CannotWrite(MetaflowException):
    """The DAG file cannot be written where it should be."""

    headline = "Cannot write the DAG file"


class Drift(MetaflowException):
    """A DAG file differs from what its flow compiles into."""

    headline = "The DAG file is not up to date"


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
    present = target.read_text(errors="replace") if target.exists() else ""
    if present and MARK not in present:
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


def require_same(target: Path, text: str, flow_file: Path) -> None:
    """Raise Drift, with the beginning of a diff, when a file does not hold this text."""
    if not target.exists():
        raise Drift(f"There is no {target}: run `python {flow_file} airflow create`.")
    present = target.read_text()
    if present == text:
        return
    names = {"fromfile": str(target), "tofile": f"compiled from {flow_file}"}
    lines = [*difflib.unified_diff(present.splitlines(), text.splitlines(), lineterm="", n=1, **names)]
    more = [f"… and {len(lines) - DIFF_LINES} lines more"] if len(lines) > DIFF_LINES else []
    shown = "\n".join(["", *lines[:DIFF_LINES], *more])
    raise Drift(f"{target} is not what {flow_file} compiles into: compile it again.{shown}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
