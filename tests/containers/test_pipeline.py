"""The whole pipeline in containers: every step of a flow in a pod, and its results."""

import json

import pytest

FLOWS = ("TrainTripDurationFlow", "PredictTripDurationFlow")

READ_RUNS = """
import json, sys
from metaflow import Flow, namespace
namespace(None)
found = {}
for name in sys.argv[1:]:
    run = Flow(name).latest_run
    tasks = {task.pathspec: [entry.value for entry in task.metadata if entry.name == "airflow-dag-run-id"]
             for step in run for task in step if step.id != "_parameters"}
    found[name] = {"successful": run.successful, "tasks": tasks}
print(json.dumps(found))
"""
READ_RESULTS = """
import json
from metaflow import Flow, namespace
from pyarrow import parquet
import boto3
namespace(None)
trained = Flow("TrainTripDurationFlow").latest_run.data
boto3.client("s3").download_file("taxi-data", "taxi_predictions.parquet", "/tmp/predictions.parquet")
predictions = parquet.read_table("/tmp/predictions.parquet").column("predicted_duration_seconds")
print(json.dumps({"model_r2": trained.metrics["r2"], "naive_r2": trained.baseline_metrics["r2"],
                  "rows": len(predictions), "least": min(predictions.to_pylist())}, default=float))
"""


@pytest.fixture(scope="module")
def pipeline(project):
    """The run of the data team's DAG, which triggers both flows."""
    return project.rest.run("data_engineering_dag", {"raw_data": []}, timeout=900)


@pytest.fixture(scope="module")
def metaflow_runs(project, pipeline):
    """The latest runs of both flows as Metaflow's client reads them where Airflow's tasks run."""
    return project.python(READ_RUNS, *FLOWS)


def test_all_three_dags_succeed(project, pipeline):
    assert pipeline.state == "success"
    for flow in FLOWS:
        assert project.rest.dag_run(flow, pipeline.dag_run_id).state == "success"


@pytest.mark.parametrize("flow", FLOWS)
def test_no_step_was_retried(project, pipeline, flow):
    lines = []
    for task in project.rest.task_instances(flow, pipeline.dag_run_id):
        if task.try_number > 1:
            lines.append(f"{task.task_id} took {task.try_number} tries; the log of the first:")
            lines += project.rest.log(flow, pipeline.dag_run_id, task.task_id, 1, task.map_index)
    if lines:  # what Airflow itself did to a task is not in its log
        lines += [line for line in project.log("scheduler").splitlines() if "[error" in line]
    assert "\n".join(lines) == ""


@pytest.mark.parametrize("flow", FLOWS)
def test_metaflow_has_the_run_that_airflow_started(metaflow_runs, pipeline, flow):
    assert metaflow_runs[flow]["successful"]
    assert set(map(tuple, metaflow_runs[flow]["tasks"].values())) == {(pipeline.dag_run_id,)}


@pytest.mark.parametrize("flow", FLOWS)
def test_every_step_ran_in_a_pod_of_its_own(project, metaflow_runs, flow):
    events = project.kubectl("get", "events", "--namespace", "metaflow", "--field-selector", "reason=Started")
    started = {event["involvedObject"]["name"] for event in events["items"]}
    pods = [name for name in started if name.startswith(f"{flow.lower()}-")]
    assert len(pods) == len(metaflow_runs[flow]["tasks"])


def test_no_pod_is_left(project, pipeline):
    assert project.kubectl("get", "pods", "--namespace", "metaflow")["items"] == []


def test_the_model_and_the_predictions_can_be_read_back(project, pipeline):
    results = project.python(READ_RESULTS)
    assert results["rows"] > 1000
    assert results["least"] > 0
    assert results["model_r2"] > results["naive_r2"] + 0.3


def test_no_credential_is_in_containers_compiled_files_or_logs(project, pipeline):
    keys = json.loads(project.inside("scheduler", "cat", "/settings/keys.json")).values()
    texts = {name: json.dumps(each) for name, each in project.containers().items()}
    texts |= {f"log of {name}": project.log(name) for name in texts}
    texts["tasks' logs"] = project.inside("scheduler", "sh", "-c", "cat $(find logs -type f)")
    texts["compiled"] = project.inside("scheduler", "sh", "-c", "cat dags/*.py dags/compiled/*.py")
    assert [name for name, text in texts.items() for key in keys if key in text] == []
