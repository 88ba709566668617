"""The project's own pipeline with steps in pods: the data team's DAG starts both flows."""

import io
import os
import shutil

import pytest
from engine_support import compile_flow, read_run, wait_until
from events_support import pathspec
from kubernetes_support import SECONDS_FOR_A_POD
from pyarrow import parquet

from local.pipeline.flows import flow_files
from local.pipeline.served import PIPELINE_DAG
from local.stack.settings import REPOSITORY

FLOWS = TRAIN, PREDICT = ("TrainTripDurationFlow", "PredictTripDurationFlow")


@pytest.fixture(scope="module")
def pipeline(kube_stack):
    """The run of the data team's DAG, once it has ended."""
    kube_stack.s3.create_bucket(Bucket="taxi-data")
    folder = kube_stack.dags_folder
    # The DAG expects the project's modules next to its folder.
    (folder.parent / "include").symlink_to(REPOSITORY / "include")
    for file in flow_files():
        compile_flow(kube_stack.env, file, folder / file.name)
    shutil.copyfile(REPOSITORY / "dags" / f"{PIPELINE_DAG}.py", folder / f"{PIPELINE_DAG}.py")
    for dag_id in (*FLOWS, PIPELINE_DAG):
        kube_stack.wait_for_dag(dag_id)
    return kube_stack.rest.run(PIPELINE_DAG, {"raw_data": []}, timeout=4 * SECONDS_FOR_A_POD)


@pytest.fixture(scope="module")
def flow_runs(kube_stack, pipeline):
    """The runs of the two flows that the data team's DAG started, by flow."""
    return {flow: kube_stack.rest.dag_run(flow, pipeline.dag_run_id) for flow in FLOWS}


def read_results(kube_stack, name):
    """Return the content of a flow's run; the model is an instance of one of the flows' own classes."""
    paths = os.pathsep.join([str(REPOSITORY / "include"), kube_stack.env["PYTHONPATH"]])
    return read_run(kube_stack.env | {"PYTHONPATH": paths}, name)


def test_all_three_dags_succeed(pipeline, flow_runs):
    assert pipeline.state == "success"
    assert [run.state for run in flow_runs.values()] == ["success", "success"]


@pytest.mark.parametrize("flow", FLOWS)
def test_every_step_ran_in_a_pod_of_its_own_and_none_is_left(flow, flow_runs, kube_stack, pods_seen, core):
    name = pathspec(flow, flow_runs[flow])
    run = read_results(kube_stack, name)
    assert run["successful"]
    tasks = {task["id"] for step, found in run["steps"].items() if step != "_parameters" for task in found}
    labels = [pod.metadata.labels for pod in pods_seen.values()]
    wanted = {"metaflow/flow_name": flow, "metaflow/run_id": name.partition("/")[2]}
    assert sorted(each["metaflow/task_id"] for each in labels if wanted.items() <= each.items()) == sorted(
        tasks
    )
    selector = f"dag_id={flow}"
    wait_until(lambda: not core.list_namespaced_pod(kube_stack.namespace, label_selector=selector).items)


def test_the_model_and_the_predictions_can_be_read_back(kube_stack, flow_runs):
    train = read_results(kube_stack, pathspec(TRAIN, flow_runs[TRAIN]))
    found = {name: value for task in train["steps"]["end"] for name, value in task["artifacts"].items()}
    assert found["metrics"]["r2"] > found["baseline_metrics"]["r2"] + 0.3
    body = kube_stack.s3.get_object(Bucket="taxi-data", Key="taxi_predictions.parquet")["Body"].read()
    predictions = parquet.read_table(io.BytesIO(body)).column("predicted_duration_seconds").to_pylist()
    assert len(predictions) > 1000
    assert min(predictions) > 0
