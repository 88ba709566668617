"""An environment for each version of Airflow: its pinned packages, and the engine's built wheel."""

import os
import subprocess
import sys
from pathlib import Path

from airflow_versions import pins_of

from local.bootstrap import REPOSITORY, UV, uv_environment

ENVIRONMENTS = REPOSITORY / ".local" / "compat"  # kept, so that later runs only verify them
PYTHON = os.environ.get("COMPAT_PYTHON") or sys.executable
VERSION_OF_PYTHON = "import sys; print(*sys.version_info[:2], sep='.')"


def make_environment(airflow: str, wheel: Path) -> Path:
    """Return the folder of the programs of an environment with this Airflow and the engine's wheel.

    Raises AssertionError with uv's message if a package cannot be installed or dependencies conflict.
    """
    python = subprocess.run([PYTHON, "-c", VERSION_OF_PYTHON], capture_output=True, text=True, check=True)
    folder = ENVIRONMENTS / f"airflow-{airflow}-python-{python.stdout.strip()}"
    pins = pins_of(airflow)
    if not (folder / "bin" / "python").exists():
        _uv("could not make an environment", "venv", "--clear", "--python", PYTHON, str(folder))
    _uv(
        f"could not install Airflow {airflow} as {pins.name} pins it. If that release cannot be downloaded "
        "anymore, replace it in airflow_versions.py and run `make constraints`",
        *("pip", "sync", "--python", str(folder), str(pins)),
    )
    _uv(
        "could not install the engine's wheel",
        *("pip", "install", "--python", str(folder), "--no-deps", "--reinstall", str(wheel)),
    )
    _uv(f"found conflicts with Airflow {airflow}", "pip", "check", "--python", str(folder))
    return folder / "bin"


def _uv(problem: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(UV), *arguments], env=uv_environment(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"uv {problem}:\n{done.stderr}"
