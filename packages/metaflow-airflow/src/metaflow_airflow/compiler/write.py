"""Write: the DAG file is replaced in one step, and a file that people wrote is never replaced."""

import difflib
import glob
import os
import tempfile
import time
from pathlib import Path

from metaflow_airflow.compiler.compiled_file import MARK
from metaflow_airflow.compiler.errors import CannotWrite, Drift

DIFF_LINES = 40  # shown at most
PARTIAL = ".partial"  # the end of the name of a file that is being written
LONGEST_WRITING_SECONDS = 60


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


def has_text(target: Path, text: str) -> bool:
    """Return whether a file exists and has this text."""
    return target.exists() and target.read_text(errors="replace") == text


def write_dag(target: Path, text: str) -> None:
    """Write a DAG file in one step.

    Raises:
        CannotWrite: The file system refuses to write the file.
    """
    partial = None
    try:
        _remove_leftovers(target)
        with tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=f".{target.name}.", suffix=PARTIAL, delete=False, encoding="utf-8"
        ) as file:
            partial = Path(file.name)
            file.write(text)
        partial.chmod(0o666 & ~_umask())
        partial.replace(target)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        if partial:
            partial.unlink(missing_ok=True)


def _remove_leftovers(target: Path) -> None:
    """Remove partial files of this command that was killed; those of a command that is writing are new."""
    for partial in target.parent.glob(f".{glob.escape(target.name)}.*{PARTIAL}"):
        if time.time() - partial.stat().st_mtime > LONGEST_WRITING_SECONDS:
            partial.unlink(missing_ok=True)


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
