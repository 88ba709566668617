"""Steps in pods have the same results as elsewhere, leave no pod behind and reveal no credential."""

import json
import re

import pytest
from engine_support import FLOWS, SHAPES, comparable, compile_flow, finish_run, start_run, wait_until
from events_support import PAYLOAD, artifacts, pathspec, run_after
from pod_shapes import FORGED, IN_PODS
from pod_shapes import PARAMETERS as SHAPE_PARAMETERS
from restricted_pods import violations

pytestmark = pytest.mark.timeout(1500)  # the first test waits for all flows
# The shapes with one Metaflow task per Airflow task.
POD_PER_TASK = ["foreach", "nested_foreach", "failures"]


@pytest.fixture(scope="module")
def all_runs(kube_stack, shapes_started):
    """By shape, the DAG run in pods, and the content of its Metaflow run."""
    return {
        shape: finish_run(kube_stack, SHAPES[shape], run_id.result())
        for shape, run_id in shapes_started.ids.items()
    }


@pytest.fixture
def pods_of(pods_seen):
    """Returns all pods that a DAG run has had."""

    def find(dag_run):
        flow, run_id = pathspec(dag_run.dag_id, dag_run).split("/")
        wanted = {"metaflow/flow_name": flow, "metaflow/run_id": run_id}
        return [pod for pod in pods_seen.values() if wanted.items() <= pod.metadata.labels.items()]

    return find


@pytest.mark.parametrize("shape", IN_PODS)
def test_the_run_has_the_same_content_as_without_airflow(shape, all_runs, shapes_started):
    _, in_pods = all_runs[shape]
    assert in_pods["successful"]
    assert comparable(in_pods) == comparable(shapes_started.plain[shape].result())


@pytest.mark.parametrize("shape", SHAPE_PARAMETERS)
def test_what_a_runs_configuration_adds_to_the_parameters_has_no_effect(shape, all_runs):
    dag_run, run = all_runs[shape]
    assert dag_run.conf == SHAPE_PARAMETERS[shape] | FORGED
    names = {name for tasks in run["steps"].values() for task in tasks for name in task["artifacts"]}
    assert SHAPE_PARAMETERS[shape].keys() <= names
    assert names.isdisjoint(FORGED)
    assert FORGED["tag"] not in run["tags"]


def test_a_run_that_names_a_file_of_the_worker_fails_before_it_has_a_pod(kube_stack, pods_seen):
    compile_flow(kube_stack.env, FLOWS / "included.py", kube_stack.dags_folder / "included.py")
    forged = {"type": "uploader-v2", "sub-type": "external", "url": "local:///etc/hostname"}
    conf = {"notes": json.dumps(forged | {"is_text": True, "encoding": "utf-8", "size": 1})}
    run_id = start_run(kube_stack, "IncludedFlow", conf)
    assert kube_stack.rest.wait("IncludedFlow", run_id, timeout=300).state == "failed"
    log = "".join(kube_stack.rest.log("IncludedFlow", run_id, "start", 1))
    assert "The value of parameter 'notes' is not a file that was uploaded for IncludedFlow" in log
    flows = {pod.metadata.labels.get("metaflow/flow_name") for pod in pods_seen.values()}
    assert "IncludedFlow" not in flows


@pytest.mark.parametrize("shape", POD_PER_TASK)
def test_every_attempt_of_a_task_had_a_pod_with_its_labels(shape, all_runs, pods_of):
    dag_run, run = all_runs[shape]
    expected = [
        (step, task["id"], str(attempt))
        for step, tasks in run["steps"].items()
        if step != "_parameters"
        for task in tasks
        for attempt in range(task["attempt"] + 1)
    ]
    names = ("step_name", "task_id", "attempt")
    found = [tuple(pod.metadata.labels[f"metaflow/{name}"] for name in names) for pod in pods_of(dag_run)]
    assert sorted(found) == sorted(expected)


def test_mapped_tasks_are_named_after_their_splits(all_runs, kube_stack):
    dag_run, _ = all_runs["nested_foreach"]
    tasks = kube_stack.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id)
    names = [task.rendered_map_index for task in tasks if task.task_id == "each_sign.sign"]
    assert sorted(names) == ["a, 1, +", "a, 1, -", "b, 2, !", "b, 3, !"]


@pytest.mark.parametrize("shape", IN_PODS)
def test_no_pod_and_no_secret_is_left(shape, all_runs, core, namespace):
    selector = f"dag_id={SHAPES[shape]}"
    wait_until(lambda: not core.list_namespaced_pod(namespace, label_selector=selector).items)
    wait_until(lambda: not core.list_namespaced_secret(namespace, label_selector=selector).items)


def test_pods_comply_with_the_restricted_standard(all_runs, pods_of):
    pods = [pod for dag_run, _ in all_runs.values() for pod in pods_of(dag_run)]
    assert pods
    assert {pod.metadata.name: found for pod in pods if (found := violations(pod))} == {}


@pytest.mark.parametrize("shape", SHAPE_PARAMETERS)
def test_descriptions_of_pods_contain_neither_parameters_nor_the_production_token(
    shape, all_runs, kube_stack, pods_of
):
    (token,) = re.findall(r'production_token="([^"]+)"', (kube_stack.dags_folder / f"{shape}.py").read_text())
    values = [value for value in SHAPE_PARAMETERS[shape].values() if isinstance(value, str)]
    # In a secret, the text is JSON, so it is looked for as such and as it is.
    wanted = [token, *values, *(json.dumps(value)[1:-1] for value in values)]
    texts = [str(pod.to_dict()) for pod in pods_of(all_runs[shape][0])]
    assert texts
    assert [text for text in wanted for description in texts if text in description] == []


@pytest.mark.parametrize("shape", IN_PODS)
def test_pods_and_airflow_contain_no_credential(shape, all_runs, kube_stack, pods_of):
    dag_run, _ = all_runs[shape]
    secrets = [kube_stack.env["AWS_SECRET_ACCESS_KEY"], kube_stack.env["AWS_ACCESS_KEY_ID"]]
    texts = [str(pod.to_dict()) for pod in pods_of(dag_run)]
    assert texts
    for task in kube_stack.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id):
        where = (dag_run.dag_id, dag_run.dag_run_id, task.task_id)
        for number in range(1, task.try_number + 1):
            texts.append("\n".join(kube_stack.rest.log(*where, number, map_index=task.map_index)))
        texts.append(str(kube_stack.rest.xcom(*where, map_index=task.map_index)))
    assert not [text for text in texts for secret in secrets if secret in text]


def test_an_exit_hook_runs_in_a_pod(all_runs, kube_stack, pods_of):
    dag_run, _ = all_runs["exit_hooks"]
    log = "\n".join(kube_stack.rest.log(dag_run.dag_id, dag_run.dag_run_id, "exit_hook", 1))
    assert f"Hook: {pathspec('ExitHooksFlow', dag_run)} succeeded: True" in log
    assert "exit_hook" in {pod.metadata.labels["metaflow/step_name"] for pod in pods_of(dag_run)}


def test_events_start_flows_and_set_their_parameters(all_runs, kube_stack):
    for name in ("events", "after_events"):
        compile_flow(kube_stack.env, FLOWS / f"{name}.py", kube_stack.dags_folder / f"{name}.py")
        kube_stack.wait_for_dag(SHAPES[name])
    kube_stack.rest.run("owner", {"orders": PAYLOAD})
    first, second = (run_after(kube_stack, SHAPES[name], timeout=300) for name in ("events", "after_events"))
    assert (first.state, second.state) == ("success", "success")
    found = artifacts(kube_stack, "EventsFlow", first, "start")
    assert (found["note"], found["weight"]) == (PAYLOAD["note"], 2.5)
    assert ["event", "orders"] in found["started_by"]
    after = artifacts(kube_stack, "AfterEventsFlow", second, "first")
    assert after["run_before"] == pathspec("EventsFlow", first)
