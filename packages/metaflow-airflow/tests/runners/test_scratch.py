"""Each step has a directory of its own, and those of killed workers do not stay."""

import os
import subprocess
import sys
import tempfile

from metaflow_airflow.runners.scratch import scratch_directory

WORKER = """
import time
from metaflow_airflow.runners.scratch import scratch_directory
with scratch_directory("killed") as directory:
    (directory / "file").touch()
    print(directory, flush=True)
    time.sleep(600)
"""


def test_the_directory_is_removed_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch_directory("start") as directory:
        (directory / "file").touch()
    assert not directory.exists()


def test_the_directory_of_a_killed_worker_is_removed_by_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    command, environment = [sys.executable, "-c", WORKER], os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        left = worker.stdout.readline().strip()
        with scratch_directory("while_it_runs") as own:
            assert {path.name for path in own.parent.iterdir()} == {own.name, left.rsplit("/", 1)[1]}
        worker.kill()
    with scratch_directory("after_it_was_killed") as own:
        assert [path.name for path in own.parent.iterdir()] == [own.name]


def test_what_is_no_directory_of_a_worker_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch_directory("first") as own:
        root = own.parent
    (root / "file").touch()
    (root / "link").symlink_to(tmp_path)
    (root / "gone").symlink_to(tmp_path / "missing")
    with scratch_directory("second") as own:
        assert {path.name for path in root.iterdir()} == {own.name, "file", "link", "gone"}
