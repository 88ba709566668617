"""The data engineering DAG: its tasks, and the cost of parsing it. `local/pipeline/test_run.py` runs it."""

import json
import os
import subprocess
import sys

import pytest

from local.stack.settings import REPOSITORY

DAG_FILE = REPOSITORY / "dags" / "data_engineering_dag.py"
PARSE = f"""
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag({str(DAG_FILE)!r})
assert not bag.import_errors, bag.import_errors
# Not boto3: the amazon provider loads it to check the asset's s3:// address.
heavy = {{"dbt", "duckdb", "metaflow", "numpy", "pandas", "pyarrow"}} & set(sys.modules)
from airflow.serialization.serialized_objects import DagSerialization
dag = DagSerialization.to_dict(bag.dags["data_engineering_dag"])
print("PARSED" + json.dumps([sorted(heavy), dag], sort_keys=True))
"""
EDGES = {
    "list_sources": {"land"},
    "land": {"dbt.trips_checked_run", "publish_features"},
    "dbt.trips_checked_run": {"dbt.rejected_trips_run", "dbt.taxi_features_run"},
    "dbt.rejected_trips_run": {"dbt.dbt_test"},
    "dbt.taxi_features_run": {"dbt.dbt_test"},
    "dbt.dbt_test": {"publish_features"},
    "publish_features": {"remove_staging", "TrainTripDurationFlow"},
    "remove_staging": set(),
    "TrainTripDurationFlow": {"PredictTripDurationFlow"},
    "PredictTripDurationFlow": set(),
}


def parse(env: dict[str, str]) -> tuple[list[str], dict]:
    """Parse the DAG file in a new process; return the heavy modules it loaded and the serialized DAG."""
    output = subprocess.run(
        [sys.executable, "-c", PARSE], env=env, check=True, capture_output=True, text=True
    ).stdout
    heavy, dag = json.loads(output.partition("PARSED")[2].splitlines()[0])
    return heavy, dag["dag"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """An environment without any setting of Airflow or S3."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "AWS"))}
    home = str(tmp_path_factory.mktemp("airflow"))
    return env | {"AIRFLOW_HOME": home, "PYTHONPATH": str(REPOSITORY), "DO_NOT_TRACK": "1"}


@pytest.fixture(scope="module")
def parsed(bare):
    return parse(bare | {"PYTHONHASHSEED": "1"})


def test_tasks_and_their_order(parsed):
    _, dag = parsed
    tasks = [task["__var"] for task in dag["tasks"]]
    assert {task["task_id"]: set(task.get("downstream_task_ids", [])) for task in tasks} == EDGES
    assert dag["params"][0][0] == "raw_data"


def test_parsing_is_light_needs_no_setting_and_is_always_the_same(parsed, bare):
    heavy, _ = parsed
    assert heavy == []
    assert parsed == parse(bare | {"PYTHONHASHSEED": "2"})
