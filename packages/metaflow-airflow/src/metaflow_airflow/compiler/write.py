"""Write: the DAG file is replaced in one step, and a file that people wrote is never replaced."""

import difflib
import os
import tempfile
from pathlib import Path

from metaflow_airflow.compiler.compiled_file import MARK
from metaflow_airflow.compiler.errors import CannotWrite, Drift

DIFF_LINES = 40  # shown at most


def check_target(target: Path, flow_file: Path) -> None:
    """Raise CannotWrite if a DAG file may not be written there."""
    if target.resolve() == flow_file.resolve():
        raise CannotWrite(f"{target} is the flow itself: name another file, such as dags/{target.name}.")
    if target.suffix != ".py":
        raise CannotWrite(f"{target} is not a Python file: choose a name that ends in .py.")
    if not target.parent.is_dir():
        raise CannotWrite(f"There is no directory {target.parent}: create it or name another file.")
    if target.is_dir():
        raise CannotWrite(f"{target} is a directory: name a file in it.")
    present = target.read_text(errors="replace") if target.exists() else ""
    if present and MARK not in present:
        raise CannotWrite(f"{target} was not compiled by this command: name another file or remove it first.")


def write_dag(target: Path, text: str) -> bool:
    """Write a DAG file in one step; return whether it changed.

    A file that already has this text is not touched, so Airflow does not parse it again.

    Raises:
        CannotWrite: The file system refuses to write the file.
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
    """Raise Drift, with the beginning of a diff, if a file does not have this text."""
    if not target.exists():
        raise Drift(f"There is no {target}: run `python {flow_file} airflow create`.")
    present = target.read_text()
    if present == text:
        return
    names = {"fromfile": str(target), "tofile": f"compiled from {flow_file}"}
    lines = [*difflib.unified_diff(present.splitlines(), text.splitlines(), lineterm="", n=1, **names)]
    more = [f"… and {len(lines) - DIFF_LINES} more lines"] if len(lines) > DIFF_LINES else []
    shown = "\n".join(["", *lines[:DIFF_LINES], *more])
    raise Drift(f"{target} is not what {flow_file} compiles into: compile it again.{shown}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
