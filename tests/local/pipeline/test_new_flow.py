"""`make new-flow`: the names that it takes, and that what it writes works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.errors import StackError
from local.pipeline.new_flow import write_flow
from local.stack.settings import REPOSITORY


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "The flow needs a name: make new-flow NAME=churn"),
        ("Churn", "'Churn' cannot be the name of a flow: use lowercase letters"),
        ("1st", "'1st' cannot be the name of a flow: use lowercase letters"),
        ("cus tomer", "'cus tomer' cannot be the name of a flow: use lowercase letters"),
        ("../churn", "'../churn' cannot be the name of a flow: use lowercase letters"),
        ("churn_", "'churn_' cannot be the name of a flow: use lowercase letters"),
        ("churn_flow", "'churn_flow' ends in 'flow', which is added to each name: leave it out."),
        ("class", "'class' is reserved by Python or pytest: choose another name."),
        ("test_churn", "'test_churn' is reserved by Python or pytest: choose another name."),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(StackError) as refusal:
        write_flow(name, tmp_path)
    assert str(refusal.value).startswith(reason)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("existing", ["include/churn_flow.py", "tests/flows/test_churn_flow.py"])
def test_nothing_is_overwritten(tmp_path: Path, existing: str) -> None:
    file = tmp_path / existing
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    with pytest.raises(StackError, match=f"^{existing} already exists: choose another name"):
        write_flow("churn", tmp_path)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [file]
    assert file.read_text() == "mine"


def test_two_flows_of_one_class_are_refused(tmp_path: Path) -> None:
    write_flow("churn_2", tmp_path)
    with pytest.raises(StackError, match=r"^include/churn_2_flow.py already defines Churn2Flow: choose"):
        write_flow("churn2", tmp_path)


def test_the_flow_passes_its_test_and_the_linters(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    flow, test = write_flow("customer_churn", tmp_path)
    for arguments in (
        ["pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(test)],
        ["ruff", "check", "--no-cache", str(tmp_path)],
        ["ruff", "format", "--no-cache", "--check", str(tmp_path)],
        ["mypy", "--cache-dir", os.devnull, str(flow)],
    ):
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
