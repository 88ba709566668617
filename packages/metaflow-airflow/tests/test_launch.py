"""What the process of a step loads before it forks."""

import os
import subprocess
import sys

import pytest

LOAD = """
import sys
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import load_metaflow
load_metaflow()
print("boto3.session" in sys.modules, sys.dont_write_bytecode)
"""


def load(before="", **variables):
    environment = os.environ | {"METAFLOW_DEFAULT_DATASTORE": "s3"} | variables
    done = subprocess.run(
        [sys.executable, "-c", before + LOAD], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(("setting", "says_no"), [("1", "True"), ("", "False")])
def test_metaflow_s_bytecode_is_kept_and_the_step_s_own_as_the_environment_says(setting, says_no, tmp_path):
    loaded = load(PYTHONDONTWRITEBYTECODE=setting, PYTHONPYCACHEPREFIX=str(tmp_path))
    assert loaded == ["True", says_no]
    assert list(tmp_path.rglob("metaflow/task.*.pyc"))


def test_a_library_that_is_missing_is_left_to_the_step_to_tell():
    assert load('import sys\nsys.modules["boto3"] = None\n')[0] == "False"
