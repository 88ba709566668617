"""Makes `.venv` with the pinned packages: `python3 local/bootstrap.py`, called by make.

It runs with whatever Python there is, before anything is installed, so it uses the standard library only
and no newer syntax than an old Python has.
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
# What uv calls the settings that people make for pip.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


class BootstrapError(Exception):
    """What keeps `.venv` from being made, in one sentence for the user."""


def main() -> int:
    """Bring `.venv` up to date with the pins, at once if nothing changed; return the exit code."""
    UV_VENV.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with (UV_VENV.parent / "bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make run` waits for the first one's installation
            if not is_installed():
                install()
    except BootstrapError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def is_installed() -> bool:
    """Say whether `.venv` is what the pins ask for."""
    return STAMP.exists() and STAMP.read_text() == digest() and (VENV / "bin" / "python").exists()


def digest() -> str:
    """Return what changes when an installation is needed again: the pins, this file, the place, the packages.

    The packages, because `astro dev start --standalone` installs its own versions into the same `.venv`.
    """
    contents = [(REPOSITORY / name).read_bytes() for name in [*PINS, "local/bootstrap.py"]]
    packages = sorted(path.name for path in VENV.glob("lib/python*/site-packages/*.dist-info"))
    return hashlib.sha256(repr((str(REPOSITORY), contents, packages)).encode()).hexdigest()


def install() -> None:
    """Install uv beside the project, and with it everything else into `.venv`."""
    install_uv()
    environment = uv_environment()
    if not (VENV / "bin" / "python").exists():
        make_venv(environment)
    print("Installing the pinned packages into .venv; only the first time takes long.", flush=True)
    packages = ["-r", "requirements.txt", "--group", "local", "--group", "dev"]
    pip_install = ["pip", "install", "--python", ".venv", "-c", "constraints.txt", "--compile-bytecode"]
    # The engine a second time, from its source: what is changed there counts at once.
    for what in (packages, ["--no-deps", "-e", ENGINE]):
        if run_uv([*pip_install, *what], environment):
            raise BootstrapError("The packages could not be installed: see uv's words above, and try again.")
    STAMP.write_text(digest())


def install_uv() -> None:
    """Install uv with pip into a directory of its own, in the version that constraints.txt pins."""
    pins = (REPOSITORY / "constraints.txt").read_text().splitlines()
    pin = next(line for line in pins if line.startswith("uv=="))
    if (UV_VENV / pin).exists():
        return
    made = quietly([sys.executable, "-m", "venv", "--clear", str(UV_VENV)])
    if made.returncode:
        raise BootstrapError(
            f"{sys.executable} cannot make virtual environments: install its venv module (on Debian and "
            "Ubuntu: apt install python3-venv) and run the same command again."
        )
    got = quietly([str(UV_PYTHON), "-m", "pip", "install", "--quiet", pin])
    if got.returncode:
        raise BootstrapError(
            f"pip could not install {pin} ({last_line(got)}): mend that and run the same command again."
        )
    (UV_VENV / pin).touch()


def make_venv(environment: dict[str, str]) -> None:
    """Make `.venv` with the Python that runs this if it is a supported one, else with any that uv finds."""
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    wanted = sys.executable if supported else ">=3.11,<3.14"
    if quietly([str(UV), "python", "find", wanted], environment).returncode:
        raise BootstrapError(
            f"Python 3.11, 3.12 or 3.13 is needed and {sys.executable} is {sys.version.split()[0]}: install "
            "one of them and run the same command again, or name yours with PYTHON=... before it."
        )
    if run_uv(["venv", "--clear", "--python", wanted, ".venv"], environment):
        raise BootstrapError(f"{VENV} could not be made: see uv's words above, and try again.")


def uv_environment() -> dict[str, str]:
    """Return the environment for uv, with what the user has set for pip unless it is set for uv too."""
    environment = dict(os.environ)
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")  # a missing Python is said, not fetched silently
    if not environment.get("HOME"):
        environment.setdefault("UV_CACHE_DIR", str(UV_VENV.parent / "uv-cache"))
    for line in quietly([str(UV_PYTHON), "-m", "pip", "config", "list"]).stdout.splitlines():
        name, _, value = line.partition("=")
        variable = PIP_TO_UV.get(name.rpartition(".")[2])
        if variable:
            environment.setdefault(variable, ast.literal_eval(value))
    return environment


def run_uv(arguments: list[str], environment: dict[str, str]) -> int:
    """Run uv in the repository, its words to the user, and return its exit code."""
    if not sys.stderr.isatty():
        arguments = ["--quiet", *arguments]  # its progress and its list of packages would fill a log
    return subprocess.run([str(UV), *arguments], cwd=REPOSITORY, env=environment).returncode  # noqa: S603 - ours


def quietly(
    command: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program and return what it said instead of showing it."""
    return subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603 - no user input in it


def last_line(finished: subprocess.CompletedProcess[str]) -> str:
    """Return the last thing a program said."""
    return ((finished.stderr + finished.stdout).strip().splitlines() or ["it said nothing"])[-1]


if __name__ == "__main__":
    sys.exit(main())
