"""An environment for each version of Airflow: its packages as pinned, and the engine's built wheel."""

import os
import subprocess
import sys
from pathlib import Path

from airflow_versions import pins_of

from local.bootstrap import REPOSITORY, UV, uv_environment

ENVIRONMENTS = REPOSITORY / ".local" / "compat"  # kept, so that the next run only has to look at them
PYTHON = os.environ.get("COMPAT_PYTHON") or sys.executable


def make_environment(airflow: str, wheel: Path) -> Path:
    """Return the folder of the programs of an environment with this Airflow and the engine's wheel.

    Raises AssertionError with uv's message when a package cannot be had.
    """
    folder = ENVIRONMENTS / f"airflow-{airflow}-{Path(PYTHON).name}"
    if not (folder / "bin" / "python").exists():
        _uv("venv", "--clear", "--python", PYTHON, str(folder))
    _uv("pip", "sync", "--python", str(folder), str(pins_of(airflow)), problem=f"Airflow {airflow}")
    _uv("pip", "install", "--python", str(folder), "--no-deps", "--reinstall", str(wheel))
    _uv("pip", "check", "--python", str(folder), problem=f"the engine's dependencies with Airflow {airflow}")
    return folder / "bin"


def _uv(*arguments: str, problem: str = "the environment") -> None:
    done = subprocess.run(
        [str(UV), *arguments], env=uv_environment(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"uv cannot install {problem}, as {arguments} shows: {done.stderr}"
