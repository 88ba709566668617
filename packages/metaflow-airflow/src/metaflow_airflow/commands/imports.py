"""Whether Airflow can import a compiled DAG file: it is tried out before the file gets its place."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from metaflow.exception import MetaflowException


class NotImportable(MetaflowException):
    """A compiled file that Airflow cannot import or store."""

    headline = "Airflow cannot import this flow"


def require_importable(text: str, target: Path, *, is_group: bool, warn: Callable[[str], None]) -> None:
    """Have Airflow import the text of a DAG file, in a process of its own; nothing if it is not installed.

    Args:
        text: The text.
        target: The file that the text is for.
        is_group: The file has a task group.
        warn: Called with a message if the Airflow that is installed here cannot be used.

    Raises:
        NotImportable: Airflow cannot import the text.
    """
    if find_spec("airflow") is None:  # a machine that deploys flows does not need Airflow
        return
    with tempfile.TemporaryDirectory(prefix="metaflow-airflow-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        file, result = folder / target.name, folder / "result.json"
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-P", "-m", f"{__package__}.imports_in_airflow"]
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, file, result, str(int(is_group))],
            env=os.environ | _settings(folder),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        found = json.loads(result.read_text()) if result.exists() else {"unusable": _last_line(done.stderr)}
    if reason := found.get("unusable"):
        warn(f"Warning: the Airflow of this machine cannot check {target}: {reason}")
    if problem := found.get("problem"):
        raise NotImportable(
            f"{target} is left as it was: Airflow {found['version']} cannot import what this flow compiles "
            f"into: {problem}"
        )


def _settings(folder: Path) -> dict[str, str]:
    """Return variables that keep Airflow off the files and the database of this machine's Airflow."""
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder}/airflow.db",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "0",  # none: this machine may be slower than Airflow's
    }


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
