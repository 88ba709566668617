"""`make run` of the real DAGs and flows, from compiling to the report."""

import json
import re
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pyarrow.parquet
from airflow_client.client.api.asset_api import AssetApi
from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.models.dag_run_mutable_states import DagRunMutableStates
from airflow_client.client.models.dag_run_patch_body import DAGRunPatchBody

from include.taxi_data.sample import SAMPLE_FILES
from local.pipeline.served import PIPELINE_DAG
from tests.support.running_stack import RunningStack
from tests.support.trip_files import CSV

TRAIN, PREDICT = "TrainTripDurationFlow", "PredictTripDurationFlow"
ARTIFACTS = """
import json, metaflow
metaflow.namespace(None)
train = metaflow.Flow("TrainTripDurationFlow").latest_successful_run
predict = metaflow.Flow("PredictTripDurationFlow").latest_successful_run
print(json.dumps({
    "metrics": train.data.metrics, "baseline": train.data.baseline_metrics, "train_run": train.pathspec,
    "used_run": predict.data.training_run, "drift": predict.data.drift, "rows": predict.data.prediction_rows,
}))
"""


EVIL_FLOW = """
import os
from pathlib import Path
from metaflow import FlowSpec, step

class Model:
    def __reduce__(self):
        return Path.touch, (Path(os.environ["TAKEN"]),)

class TrainTripDurationFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.model, self.feature_names, self.metrics = Model(), [], {}
        self.feature_distributions, self.prediction_distribution = {}, {}

if __name__ == "__main__":
    TrainTripDurationFlow()
"""


def table_of(stack: RunningStack, key: str) -> pyarrow.Table:
    """Read a Parquet file back from the stack's S3."""
    content = stack.s3.get_object(Bucket="taxi-data", Key=key)["Body"].read()
    return pyarrow.parquet.read_table(BytesIO(content))


def artifacts_of(stack: RunningStack) -> dict:
    """Read the latest runs' artifacts back through the Metaflow client."""
    client = [sys.executable, "-c", ARTIFACTS]
    done = subprocess.run(client, env=stack.env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def in_row(report: str, *cells: str) -> bool:
    """Return whether a line of the report starts with the first cell and has the others after it."""
    return bool(re.search(r"^[ •]*" + ".*".join(map(re.escape, cells)), report, re.MULTILINE))


def test_the_whole_pipeline_runs_and_reports_what_it_made(stack: RunningStack) -> None:
    done = stack.local("run", RAW_DATA="")
    assert done.returncode == 0, done.stdout + done.stderr

    runs = {dag_id: stack.rest.latest_run(dag_id) for dag_id in (PIPELINE_DAG, TRAIN, PREDICT)}
    assert {dag_id: run.state.value for dag_id, run in runs.items() if run} == dict.fromkeys(runs, "success")
    for dag_id in runs:
        assert f"  {dag_id}  success" in done.stdout

    data_run = runs[PIPELINE_DAG]
    assert data_run
    trips = stack.rest.xcom(PIPELINE_DAG, data_run.dag_run_id, "publish_features")
    features = table_of(stack, "taxi_features.parquet")
    assert trips["trips_read"] > trips["trips_kept"] == features.num_rows > 0
    assert in_row(done.stdout, "read", f"{trips['trips_read']:,}")
    assert in_row(done.stdout, "kept", f"{trips['trips_kept']:,}")
    for reason, count in trips["rejected_by_reason"].items():
        assert in_row(done.stdout, f"rejected: {reason}", f"{count:,}")
    assert in_row(
        done.stdout, "Features", "s3://taxi-data/taxi_features.parquet", f"({features.num_rows:,} rows)"
    )

    made = artifacts_of(stack)
    assert made["train_run"] == made["used_run"]
    assert made["metrics"]["mae_seconds"] < made["baseline"]["mae_seconds"]
    seconds = [f"{made[which]['mae_seconds']:.0f} s" for which in ("metrics", "baseline")]
    assert in_row(done.stdout, "mean absolute error", *seconds, "none yet")
    for each in made["drift"]:
        assert in_row(done.stdout, each["name"], each["kind"], f"{each['psi']:.3f}", each["verdict"])
    assert table_of(stack, "taxi_predictions.parquet").num_rows == made["rows"] == features.num_rows

    for place in (stack.settings.airflow_url, stack.settings.s3_url, "make stop"):
        assert place in done.stdout
    for key in (stack.env["AWS_ACCESS_KEY_ID"], stack.env["AWS_SECRET_ACCESS_KEY"]):
        assert key not in done.stdout + done.stderr


def test_the_data_dag_announces_its_features_and_leaves_no_staged_file(stack: RunningStack) -> None:
    run = stack.rest.latest_run(PIPELINE_DAG)
    assert run
    events = AssetApi(stack.rest.client).get_asset_events(source_run_id=run.dag_run_id).asset_events
    (extra,) = [event.extra for event in events if event.source_dag_id == PIPELINE_DAG]
    report = stack.rest.xcom(PIPELINE_DAG, run.dag_run_id, "publish_features")
    assert extra == report
    staged = stack.s3.list_objects_v2(Bucket="taxi-data", Prefix=f"raw/{run.dag_run_id}/")
    assert staged["KeyCount"] == 0
    tasks = stack.rest.task_instances(PIPELINE_DAG, run.dag_run_id)
    labels = [task.rendered_map_index for task in tasks if task.task_id == "land"]
    assert sorted(labels) == sorted(file.rpartition("/")[2] for file in SAMPLE_FILES)


def test_no_file_of_airflow_contains_the_keys_of_s3(stack: RunningStack) -> None:
    """The database, the logs, and files that dbt left among them."""
    run = stack.rest.latest_run(PIPELINE_DAG)
    assert run
    tasks = stack.rest.task_instances(PIPELINE_DAG, run.dag_run_id)
    assert len([task for task in tasks if task.task_id.startswith("dbt.") and task.rendered_fields]) == 4
    files = [file for file in Path(stack.env["AIRFLOW_HOME"]).rglob("*") if file.is_file()]
    assert "airflow.db" in {file.name for file in files}
    secret, key_id = stack.env["AWS_SECRET_ACCESS_KEY"].encode(), stack.env["AWS_ACCESS_KEY_ID"].encode()
    assert [file for file in files if key_id in file.read_bytes()] == []
    files += stack.settings.logs.glob("*")  # SeaweedFS logs the id, which is of no use without the secret
    assert [file for file in files if secret in file.read_bytes()] == []


def log_of(stack: RunningStack, dag_id: str, run_id: str, *tasks: str) -> str:
    """Return the logs of tasks of a run once it has failed."""
    assert stack.rest.wait(dag_id, run_id).state.value == "failed"
    logs = [stack.rest.log(dag_id, run_id, task, 1, 0 if task == "land" else -1) for task in tasks]
    return "\n".join(line for log in logs for line in log)


def test_the_parameters_of_a_run_lead_to_no_file_of_the_worker(stack: RunningStack, tmp_path: Path) -> None:
    secret, taken = tmp_path / "secret", tmp_path / "taken"
    secret.write_text("the-key-of-somebody")
    internal = f"{stack.settings.airflow_url}/api/v2/version"
    reading, leading = (
        stack.rest.trigger(PIPELINE_DAG, {"raw_data": [each]}) for each in (str(secret), internal)
    )

    # Somebody else's run of the training flow, with a model that is code.
    (flow := tmp_path / "evil_flow.py").write_text(EVIL_FLOW)
    command = [sys.executable, str(flow), "run", "--tag", "production:traintripdurationflow-0-79f7"]
    env = stack.env | {"TAKEN": str(taken), "METAFLOW_PRODUCTION_TOKEN": "traintripdurationflow-0-79f7"}
    subprocess.run(command, env=env, check=True, capture_output=True)
    writing = stack.rest.trigger(PREDICT, {"predictions": str(secret)})

    log = log_of(stack, PIPELINE_DAG, reading, "list_sources")
    assert f"{secret} is a path on the worker that runs may not read" in log
    assert "leads to an address inside the network" in log_of(stack, PIPELINE_DAG, leading, "land")
    log = log_of(stack, PREDICT, writing, "score", "start")
    assert f"Runs on Airflow may not use {secret}" in log
    assert "The model is that of TrainTripDurationFlow/airflow-" in log
    assert not taken.exists()
    assert secret.read_text() == "the-key-of-somebody"


def test_a_failed_run_shows_the_failing_tasks_log_and_leaves_the_features(
    stack: RunningStack, tmp_path: Path
) -> None:
    stack.s3.put_object(Bucket="taxi-data", Key="taxi_features.parquet", Body=b"the last good ones")
    (good := tmp_path / "good.csv").write_bytes(CSV)
    page = tmp_path / "it's no trip.csv"
    page.write_text("<!DOCTYPE html><html><body>503 Service Unavailable</body></html>")

    failed = stack.local("run", RAW_DATA=f"{good},{page}")

    assert failed.returncode == 1
    assert "data_engineering_dag: task land" in failed.stdout
    _, _, log = failed.stdout.partition("the end of its log:")
    assert f"{page.name} is a web page" in log
    assert f"{stack.settings.airflow_url}/dags/{PIPELINE_DAG}/runs/" in log
    assert "Traceback" not in failed.stderr
    run = stack.rest.latest_run(PIPELINE_DAG)
    assert run
    landed = [
        (task.rendered_map_index, task.state, task.try_number)
        for task in stack.rest.task_instances(PIPELINE_DAG, run.dag_run_id)
        if task.task_id == "land"
    ]
    assert sorted(landed) == [(good.name, "success", 1), (page.name, "failed", 1)]
    kept = stack.s3.get_object(Bucket="taxi-data", Key="taxi_features.parquet")["Body"].read()
    assert kept == b"the last good ones"


def _accept_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupted_run_continues_in_airflow(stack: RunningStack) -> None:
    command = [sys.executable, "-m", "local", "run"]
    environment = stack.env | {"RAW_DATA": "", "PYTHONUNBUFFERED": "1"}
    # As in a terminal, even if the tests run in the background of a shell, which ignores Ctrl-C.
    options = {"stdout": subprocess.PIPE, "text": True, "preexec_fn": _accept_interrupts}
    with subprocess.Popen(command, env=environment, **options) as run:
        assert run.stdout
        for line in run.stdout:
            if line.endswith(f"{PIPELINE_DAG}  running\n"):
                run.send_signal(signal.SIGINT)
                break
        rest = run.stdout.read()
    going = stack.rest.latest_run(PIPELINE_DAG)
    assert going
    DagRunApi(stack.rest.client).patch_dag_run(
        PIPELINE_DAG, going.dag_run_id, DAGRunPatchBody(state=DagRunMutableStates.FAILED)
    )
    assert run.returncode == 130
    assert "The run continues in Airflow: " in rest
    assert going.dag_run_id in rest
    assert going.state.value == "running"
