"""What the process of a step loads before it forks, and its forks share."""

import os
import subprocess
import sys

import pytest

LOAD = """
import gc, sys
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import load_metaflow
load_metaflow()
print("boto3.session" in sys.modules, sys.dont_write_bytecode, gc.isenabled())
"""


def load(before="", **variables):
    environment = os.environ | {"METAFLOW_DEFAULT_DATASTORE": "s3"} | variables
    done = subprocess.run(
        [sys.executable, "-c", before + LOAD], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(("setting", "says_no"), [("1", "True"), ("", "False")])
def test_metaflow_s_bytecode_is_kept_and_python_s_settings_are_as_they_were(setting, says_no, tmp_path):
    loaded = load(PYTHONDONTWRITEBYTECODE=setting, PYTHONPYCACHEPREFIX=str(tmp_path))
    assert loaded == ["True", says_no, "True"]
    assert list(tmp_path.rglob("metaflow/task.*.pyc"))


def test_a_library_that_is_missing_is_left_to_the_step_to_tell():
    assert load('import sys\nsys.modules["boto3"] = None\n')[0] == "False"


ASK_IN_FORKS = (
    LOAD
    + """
import boto3
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.forks import ForkRunner
boto3.session.Session.client = None  # no other client can be made
storage, root = default_datastore()
forks = ForkRunner()
print(*(forks.run(lambda: print(storage(root).is_file(["no such file"]))) for _ in range(2)))
"""
)


def test_forks_ask_s3_with_one_client_and_connections_of_their_own(stack):
    done = subprocess.run(
        [sys.executable, "-c", ASK_IN_FORKS], env=stack.env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[3:] == ["[False]", "[False]", "0", "0"]
