"""Airflow's REST client is imported in parts, and complete for code that uses the rest of it."""

import subprocess
import sys

PARTS = """
import sys
from metaflow_airflow.commands.rest_client import import_parts_only
import_parts_only()
from airflow_client.client.api_client import ApiClient
from airflow_client.client.api.dag_run_api import DagRunApi
import airflow_client.client.models as models
client = ApiClient()
run = client.deserialize('{"state": "success"}', "DAGRunPatchBody", "application/json")
assert run.state == "success", run
loaded = [name for name in sys.modules if name.startswith("airflow_client.")]
assert "airflow_client.client.api.pool_api" not in loaded, loaded
assert len(loaded) < 100, len(loaded)
"""
WHOLE = """
from airflow_client.client import ApiClient as same, PoolApi
from airflow_client.client.models import PoolResponse
from airflow_client.client.api import JobApi
import airflow_client.client
assert same is ApiClient
assert airflow_client.client.PoolApi is PoolApi
assert airflow_client.client.DagRunApi is DagRunApi
assert airflow_client.client.__version__
try:
    airflow_client.client.no_such_name
except AttributeError as error:
    assert "no_such_name" in str(error)
else:
    raise AssertionError
"""


def run_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_only_the_modules_in_use_are_imported():
    run_python(PARTS)


def test_a_flow_can_use_the_whole_client():
    run_python(PARTS + WHOLE)


def test_a_client_that_is_already_imported_stays_complete():
    run_python(f"import airflow_client.client\n{PARTS.partition('loaded =')[0]}")
