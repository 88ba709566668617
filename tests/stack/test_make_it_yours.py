"""The README's section "Make it yours", followed literally in a clone of what is committed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack.free_ports import free_ports
from local.stack.settings import REPOSITORY

SECTION = re.compile(r"^## Make it yours\n\n(.+?)\n\n", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`(?P<command>(?:git|cp|make) [^`]+|make run)`")
ADDED_LINE = re.compile(r"add the line `(?P<line>[^`]+)` to `(?P<list>\w+)` in `(?P<file>[^`]+)`")
READ_RUN = """
from metaflow import Flow, namespace
namespace(None)
print("MEAN", Flow("ChurnFlow").latest_successful_run.data.mean)
"""


class Clone:
    """A clone of the repository with ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        s3_port, airflow_port = free_ports(2)
        own = {name: text for name, text in os.environ.items() if name not in ("STACK_DIR", "DAGS_FOLDER")}
        self.environment = own | {"S3_PORT": str(s3_port), "AIRFLOW_PORT": str(airflow_port), "RAW_DATA": ""}

    def run(self, command: str) -> str:
        """Run a command in bash and return what it printed."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def add_line(self, line: str, name: str, file: str) -> None:
        """Add a line to a list that a Python file defines, as its last element."""
        path = self.folder / file
        text, count = re.subn(
            rf"^({name}\b.*?)^\]$", rf"\1    {line}\n]", path.read_text(), flags=re.M | re.S
        )
        assert count == 1, f"{file} has no list {name}"
        path.write_text(text)


@pytest.fixture(scope="module")
def instructions() -> str:
    section = SECTION.search((REPOSITORY / "README.md").read_text())
    assert section
    return section[1]


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    clone = Clone(tmp_path / "my-pipeline")
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone.folder)], check=True)
    for name in (".venv", ".local/uv", ".mypy_cache"):  # `make` only updates them, which takes seconds
        if (REPOSITORY / name).exists():
            shutil.copytree(
                REPOSITORY / name,
                clone.folder / name,
                symlinks=True,
                copy_function=_link,
                ignore=shutil.ignore_patterns("installed"),
            )
    try:
        yield clone
    finally:
        clone.run("make stop")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copy2(source, target)


def test_it_takes_at_most_ten_lines(instructions: str) -> None:
    assert len(instructions.splitlines()) <= 10


def test_following_it_literally_runs_a_flow_of_ones_own(instructions: str, clone: Clone) -> None:
    printed = {}
    for step in re.finditer(f"{ADDED_LINE.pattern}|{COMMAND.pattern}", instructions):
        if command := step["command"]:
            printed[command] = clone.run(command)
        else:
            clone.add_line(step["line"], step["list"], step["file"])

    assert 'name = "my-pipeline"' in (clone.folder / "pyproject.toml").read_text()
    report = printed["make run"]
    for dag in ("data_engineering_dag", "ChurnFlow"):
        assert f"  {dag}  success" in report
    assert "The mean of 100 numbers is 49.5." in report
    assert "MEAN 49.5" in clone.run(f"source .local/env && python -c '{READ_RUN}'")
    assert "ChurnFlow" in clone.run("make status")
    names = "TrainTrip|PredictTrip|(train|predict)_taxi"
    assert clone.run(f"git grep -nE '{names}' -- ':!*.md' ':!packages' || true") == ""
    clone.run("make lint")
    clone.run(".venv/bin/python -m pytest --collect-only tests")
    clone.run(".venv/bin/python -m pytest tests/flows tests/dags tests/test_repository.py")
