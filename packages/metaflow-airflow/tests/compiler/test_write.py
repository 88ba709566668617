"""The DAG file is replaced in one step, and only a compiled DAG file is ever replaced."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from metaflow_airflow.compiler.compiled_file import MARK
from metaflow_airflow.compiler.errors import CannotWrite
from metaflow_airflow.compiler.write import PARTIAL, check_target, has_text, write_dag

COMPILED = f'"""Compiled from `f.py` {MARK} 0.1.0."""\n'


def test_a_file_of_the_same_text_is_recognized(tmp_path):
    target = tmp_path / "dag.py"
    assert not has_text(target, COMPILED)
    write_dag(target, COMPILED)
    assert has_text(target, COMPILED)
    assert not has_text(target, COMPILED + "\n")


def test_no_temporary_file_is_left(tmp_path):
    write_dag(tmp_path / "dag.py", COMPILED)
    write_dag(tmp_path / "dag.py", COMPILED + "\n")
    assert [path.name for path in tmp_path.iterdir()] == ["dag.py"]
    assert (tmp_path / "dag.py").stat().st_mode & 0o777 == 0o644


def test_what_a_killed_command_left_is_removed_but_not_what_another_one_is_writing(tmp_path):
    for name, moment in (("dead", 1), ("alive", None)):
        file = tmp_path / f".dag.py.{name}{PARTIAL}"
        file.write_text("from airflow")
        os.utime(file, moment and (moment, moment))
    write_dag(tmp_path / "dag.py", COMPILED)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".dag.py.alive{PARTIAL}", "dag.py"]


def test_a_disk_that_is_full_leaves_neither_a_temporary_file_nor_another_text(tmp_path):
    (tmp_path / "dag.py").write_text(COMPILED)
    write = "from pathlib import Path; from metaflow_airflow.compiler.write import write_dag; "
    write += f"write_dag(Path({str(tmp_path / 'dag.py')!r}), 'x' * 100_000)"
    limited = f"ulimit -f 1; trap '' XFSZ; exec {sys.executable} -B -c \"{write}\""
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True)
    assert "dag.py cannot be written: File too large." in done.stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == [COMPILED]


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
