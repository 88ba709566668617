"""The DAG file is replaced in one step, and only a compiled DAG file is ever replaced."""

import os
from pathlib import Path

import pytest
from metaflow_airflow.compiler.compiled_file import MARK
from metaflow_airflow.compiler.errors import CannotWrite
from metaflow_airflow.compiler.write import check_target, write_dag

COMPILED = f'"""Compiled from `f.py` {MARK} 0.1.0."""\n'


def test_an_unchanged_file_is_not_touched(tmp_path):
    target = tmp_path / "dag.py"
    assert write_dag(target, COMPILED)
    os.utime(target, (1, 1))
    assert not write_dag(target, COMPILED)
    assert target.stat().st_mtime == 1


def test_no_temporary_file_is_left(tmp_path):
    write_dag(tmp_path / "dag.py", COMPILED)
    write_dag(tmp_path / "dag.py", COMPILED + "\n")
    assert [path.name for path in tmp_path.iterdir()] == ["dag.py"]
    assert (tmp_path / "dag.py").stat().st_mode & 0o777 == 0o644


def make_targets(folder: Path) -> dict[str, Path]:
    (folder / "by_hand.py").write_text("from airflow.sdk import dag\n")
    (folder / "flow.py").write_text("")
    (folder / "directory.py").mkdir()
    return {
        "by_hand.py": folder / "by_hand.py",
        "flow.py": folder / "flow.py",
        "dag.txt": folder / "dag.txt",
        "directory.py": folder / "directory.py",
        "missing/dag.py": folder / "missing" / "dag.py",
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("by_hand.py", "was not compiled by this command"),
        ("flow.py", "is the flow itself"),
        ("dag.txt", "ends in .py"),
        ("directory.py", "is a directory"),
        ("missing/dag.py", "There is no directory"),
    ],
)
def test_a_wrong_target_is_rejected_with_one_message(name, message, tmp_path):
    target = make_targets(tmp_path)[name]
    with pytest.raises(CannotWrite, match=message):
        check_target(target, tmp_path / "flow.py")
    assert not (tmp_path / "by_hand.py").read_text().startswith('"""')


def test_a_compiled_file_may_be_replaced(tmp_path):
    (tmp_path / "dag.py").write_text(COMPILED)
    check_target(tmp_path / "dag.py", tmp_path / "flow.py")


def test_a_folder_that_cannot_be_written_to_is_reported():
    with pytest.raises(CannotWrite, match=r"/proc/dag.py cannot be written: "):
        write_dag(Path("/proc/dag.py"), COMPILED)
