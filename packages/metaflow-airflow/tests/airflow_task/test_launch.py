"""What the process of a step loads before it forks, so that the forks share it."""

import os
import subprocess
import sys

LOAD = """
import gc, sys
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import load_metaflow
load_metaflow()
print("boto3.session" in sys.modules, gc.isenabled())
"""


def load(before=""):
    environment = os.environ | {"METAFLOW_DEFAULT_DATASTORE": "s3"}
    done = subprocess.run(
        [sys.executable, "-c", before + LOAD], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_client_of_the_datastore_is_created_before_the_forks():
    assert load() == ["True", "True"]


def test_a_missing_library_is_left_to_the_step_to_report():
    assert load('import sys\nsys.modules["boto3"] = None\n')[0] == "False"


ASK_IN_FORKS = (
    LOAD
    + """
import boto3
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.entry import enter
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.forks import ForkRunner
boto3.session.Session.client = None  # no other client can be created
storage, root = default_datastore()
def main():
    forks = ForkRunner()
    print(*(forks.run(lambda: print(storage(root).is_file(["no such file"]))) for _ in range(2)))
enter(main)
"""
)


def test_forks_share_one_s3_client_but_no_connections(s3):
    done = subprocess.run(
        [sys.executable, "-c", ASK_IN_FORKS], env=s3.env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[2:] == ["[False]", "[False]", "0", "0"]
