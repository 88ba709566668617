"""Creates `.venv` with the pinned packages: `python3 local/bootstrap.py`, called by make.

It runs with any Python 3.9 or newer, before anything is installed: standard library only, no newer syntax.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENV = REPOSITORY / ".venv"
STAMP = VENV / "installed"
UV_VENV = REPOSITORY / ".local" / "uv"
UV_PYTHON = UV_VENV / "bin" / "python"
UV = UV_VENV / "bin" / "uv"
ENGINE = "packages/metaflow-airflow"
PINS = ["requirements.txt", "constraints.txt", "pyproject.toml", f"{ENGINE}/pyproject.toml"]
# Settings of pip, and the variables with which uv has the same settings.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


class BootstrapError(Exception):
    """`.venv` cannot be created; the message says why and what to do."""


def main() -> int:
    """Install into `.venv` if the pins have changed, and return the exit code."""
    UV_VENV.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with (UV_VENV.parent / "bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make run` waits until the first has installed
            if not is_installed():
                install()
    except BootstrapError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def is_installed() -> bool:
    """Return whether `.venv` is up to date with the pins."""
    return STAMP.exists() and STAMP.read_text() == digest() and (VENV / "bin" / "python").exists()


def digest() -> str:
    """Return a hash of the pins, the path and the installed packages: it changes when they must be installed.

    Installed packages are part of it because `astro dev start --standalone` installs others into `.venv`.
    """
    contents = [(REPOSITORY / name).read_bytes() for name in [*PINS, "local/bootstrap.py"]]
    packages = sorted(path.name for path in VENV.glob("lib/python*/site-packages/*.dist-info"))
    return hashlib.sha256(repr((str(REPOSITORY), contents, packages)).encode()).hexdigest()


def install() -> None:
    """Install uv into `.local`, and with it the packages into `.venv`."""
    install_uv()
    environment = uv_environment()
    if not (VENV / "bin" / "python").exists():
        make_venv(environment)
    print("Installing the pinned packages into .venv (a few minutes the first time) …", flush=True)
    packages = ["-r", "requirements.txt", "--group", "local", "--group", "dev"]
    pip_install = ["pip", "install", "--python", ".venv", "-c", "constraints.txt", "--compile-bytecode"]
    # The engine again, in editable mode: changes of its source take effect immediately.
    for what in (packages, ["--no-deps", "-e", ENGINE]):
        if run_uv([*pip_install, *what], environment):
            raise BootstrapError(
                "The packages could not be installed: see uv's messages above, and try again."
            )
    STAMP.write_text(digest())


def install_uv() -> None:
    """Install the version of uv that constraints.txt pins into a virtual environment of its own."""
    pins = (REPOSITORY / "constraints.txt").read_text().splitlines()
    pin = next(line for line in pins if line.startswith("uv=="))
    if (UV_VENV / pin).exists():
        return
    created = quietly([sys.executable, "-m", "venv", "--clear", str(UV_VENV)])
    if created.returncode:
        raise BootstrapError(
            f"{sys.executable} cannot create virtual environments: install its venv module (on Debian and "
            "Ubuntu: apt install python3-venv) and run the same command again."
        )
    got = quietly([str(UV_PYTHON), "-m", "pip", "install", "--quiet", pin])
    if got.returncode:
        raise BootstrapError(
            f"pip could not install {pin} ({last_line(got)}): fix that and run the same command again."
        )
    (UV_VENV / pin).touch()


def make_venv(environment: dict[str, str]) -> None:
    """Create `.venv` with the current Python if it is supported, else with a supported one that uv finds."""
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    wanted = sys.executable if supported else ">=3.11,<3.14"
    if quietly([str(UV), "python", "find", wanted], environment).returncode:
        raise BootstrapError(
            f"Python 3.11, 3.12 or 3.13 is needed and {sys.executable} is {sys.version.split()[0]}: install "
            "one of them and run the same command again, or name yours with PYTHON=... before it."
        )
    if run_uv(["venv", "--clear", "--python", wanted, ".venv"], environment):
        raise BootstrapError(f"{VENV} could not be created: see uv's messages above, and try again.")


def uv_environment() -> dict[str, str]:
    """Return the environment for uv, with the user's settings of pip where uv has none of its own."""
    environment = dict(os.environ)
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")  # a missing Python is reported, not downloaded
    if not environment.get("HOME"):
        environment.setdefault("UV_CACHE_DIR", str(UV_VENV.parent / "uv-cache"))
    for line in quietly([str(UV_PYTHON), "-m", "pip", "config", "list"]).stdout.splitlines():
        name, _, value = line.partition("=")
        variable = PIP_TO_UV.get(name.rpartition(".")[2])
        if variable:
            environment.setdefault(variable, ast.literal_eval(value))
    return environment


def run_uv(arguments: list[str], environment: dict[str, str]) -> int:
    """Run uv in the repository, show its output, and return its exit code."""
    if not sys.stderr.isatty():
        arguments = [
            "--quiet",
            *arguments,
        ]  # without progress and the list of packages, which would fill a log
    return subprocess.run([str(UV), *arguments], cwd=REPOSITORY, env=environment).returncode  # noqa: S603 - ours


def quietly(
    command: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program without showing its output."""
    return subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - no user input in it


def last_line(finished: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of a program's output."""
    return ((finished.stderr + finished.stdout).strip().splitlines() or ["no output"])[-1]


if __name__ == "__main__":
    sys.exit(main())
