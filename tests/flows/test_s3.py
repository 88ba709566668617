"""Files in S3 through Metaflow's client, on a running server."""

import os
import subprocess
import sys

import pytest

from tests.flows.flow_home import INCLUDE


@pytest.fixture
def python(stack, tmp_path):
    """Run Python with the settings of the stack, as after sourcing its env file."""

    def run(*arguments):
        env = stack.env | {"PYTHONPATH": os.pathsep.join([str(INCLUDE), stack.env["PYTHONPATH"]])}
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    return run


@pytest.mark.parametrize("address", ["s3://taxi-data/no such file.parquet", "s3://no-such-bucket/f.parquet"])
def test_training_on_an_object_that_is_not_there_says_where_to_get_it(python, address):
    run = python(str(INCLUDE / "train_taxi_flow.py"), "run", "--features", address)
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    assert (
        run.stdout.count(f"Cannot read {address} (it does not exist): run the DAG data_engineering_dag") == 1
    )


def test_new_object_replaces_the_old_one_and_an_unfinished_one_does_not(python):
    code = """
from contextlib import suppress
from taxi.storage import local_copy, new_file
address = "s3://taxi-data/test of flows/it's new.txt"
for text, is_finished in [("old", True), ("half", False), ("new", True)]:
    with suppress(KeyError), new_file(address) as path:
        path.write_text(text)
        if not is_finished:
            raise KeyError
    with local_copy(address) as copy:
        print(copy.read_text())
"""
    run = python("-c", code)
    assert run.stdout.split() == ["old", "old", "new"], run.stderr
