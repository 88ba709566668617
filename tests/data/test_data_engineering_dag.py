"""The data engineering DAG: its tasks, the cost of parsing it, and runs of it."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.settings import REPOSITORY
from tests.support.trip_files import CSV, FIVE, SNAKE, to_csv, trip

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
def airflow(s3, tmp_path_factory):
    """The environment of an Airflow that uses the bare S3 server, with a database of its own."""
    home = tmp_path_factory.mktemp("airflow")
    env = {name: value for name, value in s3.env.items() if not name.startswith("AWS_")} | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAG_FILE.parent),
        "TAXI_DATA_ROOTS": os.environ["TAXI_DATA_ROOTS"],
        "TMPDIR": str(home),
    }
    for name in ("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"):
        env.pop(name)
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"], env=env, check=True, capture_output=True
    )
    return env


@pytest.fixture(scope="module")
def run(airflow):
    """Run the DAG, except for the two flows, on some sources; return its exit code and its output."""

    def dags_test(*sources: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "airflow", "dags", "test", "data_engineering_dag"]
        command += [
            "--conf",
            json.dumps({"raw_data": sources}),
            "--mark-success-pattern",
            ".*Flow",
        ]
        done = subprocess.run(command, env=airflow, capture_output=True, text=True, timeout=300)
        return done.returncode, done.stdout + done.stderr

    return dags_test


def query(airflow: dict[str, str], sql: str) -> list[tuple]:
    with sqlite3.connect(Path(airflow["AIRFLOW_HOME"]) / "airflow.db") as database:
        return database.execute(sql).fetchall()


def test_tasks_and_their_order(airflow):
    _, dag = parse(airflow)
    tasks = [task["__var"] for task in dag["tasks"]]
    assert {task["task_id"]: set(task.get("downstream_task_ids", [])) for task in tasks} == EDGES


def test_parsing_is_light_and_always_the_same(airflow):
    first = parse(airflow | {"PYTHONHASHSEED": "1"})
    assert first[0] == []
    assert first == parse(airflow | {"PYTHONHASHSEED": "2"})


def test_run_publishes_features_and_reveals_no_keys(run, airflow, s3, source):
    path = source("it's mine.csv", to_csv(SNAKE, [FIVE[0], trip(trip_distance="0")]))
    exit_code, output = run(path, source("more.csv", CSV))
    assert exit_code == 0, output
    assert len(s3.rows("taxi_features.parquet")) == 5
    ((run_id,),) = query(airflow, "select run_id from dag_run")
    assert s3.names(f"raw/{run_id}/") == []

    ((extra,),) = query(airflow, "select extra from asset_event")
    ((report,),) = query(
        airflow, "select value from xcom where task_id = 'publish_features' and key = 'return_value'"
    )
    assert json.loads(extra) == json.loads(report)
    assert json.loads(extra)["rejected_by_reason"] == {"duplicate": 1, "no_distance": 1}
    labels = query(
        airflow, "select rendered_map_index from task_instance where task_id = 'land' order by map_index"
    )
    assert labels == [("it's mine.csv",), ("more.csv",)]

    fields = query(
        airflow, "select rendered_fields from rendered_task_instance_fields where task_id like 'dbt.%'"
    )
    assert len(fields) == 4
    connection = json.loads(airflow["AIRFLOW_CONN_AWS_DEFAULT"])
    for key in (connection["login"], connection["password"]):
        assert key not in output
        for file in Path(airflow["AIRFLOW_HOME"]).rglob("*"):  # database, logs, and files that dbt left
            assert not file.is_file() or key.encode() not in file.read_bytes(), file


def test_bad_source_fails_at_once_with_a_clear_message_and_leaves_the_features(run, airflow, s3, source):
    s3.put("taxi_features.parquet", b"the last good ones")
    path = source("page.csv", b"<html>Too many requests</html>")
    exit_code, output = run(source("good.csv", CSV), path)
    message = f"{path} is a web page (HTML or XML), not trip records: check the address."
    assert exit_code != 0
    assert message in output
    assert s3.read("taxi_features.parquet") == b"the last good ones"
    landing = "from task_instance where task_id = 'land' and rendered_map_index = 'page.csv'"
    assert query(airflow, f"select state, try_number {landing}") == [("failed", 1)]


def test_no_setting_is_needed_to_parse(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "AWS"))}
    env |= {"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY), "DO_NOT_TRACK": "1"}
    _, dag = parse(env)
    assert dag["params"][0][0] == "raw_data"
