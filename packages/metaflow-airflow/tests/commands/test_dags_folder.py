"""Other files that define the same DAG are found in the DAGs folder, and nowhere else."""

from pathlib import Path

import pytest
from metaflow_airflow.commands.dags_folder import other_files

DAG = '@dag(dag_id="F")\ndef f(): ...\n'


@pytest.fixture
def write(tmp_path):
    """`write(path)` writes a file that defines the DAG F, or the text that it is given, below a folder."""

    def write(path: str, text: str = DAG) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


@pytest.mark.parametrize(
    ("target", "other"),
    [
        ("dags/f.py", "dags/compiled/f.py"),
        ("dags/compiled/f.py", "dags/f.py"),
        ("dags/compiled/f.py", "dags/team/g.py"),
        ("pipelines/f.py", "pipelines/compiled/f.py"),
    ],
)
def test_another_file_of_the_folder_is_found(target, other, write):
    written, found = write(target), write(other)
    assert other_files(written, "F") == [found]


@pytest.mark.parametrize(
    "other", ["f.py", "other/f.py", "dags/.hidden/f.py", "dags/venv/lib/f.py", "dags/f.txt"]
)
def test_files_elsewhere_are_not_read(other, write):
    target = write("dags/compiled/f.py")
    write("dags/venv/pyvenv.cfg", "")
    write(other)
    assert other_files(target, "F") == []


def test_other_dags_are_not_reported(write):
    target = write("dags/f.py")
    write("dags/g.py", DAG.replace("F", "G"))
    write("dags/broken.py", f"{DAG}(")
    assert other_files(target, "F") == []


@pytest.mark.parametrize(
    ("setting", "target", "other"),
    [
        ("airflow", "airflow/dags/f.py", "airflow/g.py"),
        ("dags/compiled", "dags/compiled/f.py", "dags/g.py"),
        ("elsewhere", "dags/f.py", "dags/compiled/f.py"),
    ],
)
def test_the_widest_folder_around_the_file_is_searched(setting, target, other, write, tmp_path, monkeypatch):
    monkeypatch.setenv("METAFLOW_AIRFLOW_DAGS_FOLDER", str(tmp_path / setting))
    written, found = write(target), write(other)
    assert other_files(written, "F") == [found]
