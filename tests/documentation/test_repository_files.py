"""The files that GitHub and editors read are valid, and the commands in them exist."""

import json
import re
import subprocess
import sys

import pytest

from local.stack.ports import DEFAULT_AIRFLOW_PORT, DEFAULT_S3_PORT
from local.stack.settings import REPOSITORY
from tests.support.documents import make_targets

FOLDER = REPOSITORY / ".github"
SCHEMAS = {
    "ISSUE_TEMPLATE/bug.yml": "github-issue-forms",
    "ISSUE_TEMPLATE/feature.yml": "github-issue-forms",
    "ISSUE_TEMPLATE/config.yml": "github-issue-config",
    "dependabot.yml": "dependabot",
    "workflows/ci.yml": "github-workflows",
    "workflows/release.yml": "github-workflows",
}


def problems(file, schema):
    """Return what is wrong with a file for GitHub, empty if nothing is."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("name", SCHEMAS)
def test_files_for_github_are_valid(name):
    assert problems(FOLDER / name, SCHEMAS[name]) == ""


def test_all_files_for_github_are_checked():
    assert {file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.yml")} == set(SCHEMAS)


def test_an_invalid_file_is_found(tmp_path):
    form = (FOLDER / "ISSUE_TEMPLATE/bug.yml").read_text().replace("type: textarea", "type: text")
    (tmp_path / "bug.yml").write_text(form)
    assert "'text' is not one of" in problems(tmp_path / "bug.yml", "github-issue-forms")


def test_the_development_container_installs_the_project_and_forwards_the_ports_of_the_stack():
    container = json.loads((REPOSITORY / ".devcontainer/devcontainer.json").read_text())
    assert container["forwardPorts"] == [DEFAULT_AIRFLOW_PORT, DEFAULT_S3_PORT]
    assert container["postCreateCommand"] == "make install"
    commands = [value for name, value in container.items() if name.endswith("Command")]
    assert {target for command in commands for target in re.findall(r"make (\S+)", command)} <= make_targets()
