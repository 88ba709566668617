"""Steps that run in pods: the same results as anywhere else, and nothing left behind or given away."""

import threading

import pytest
from engine_support import FLOWS, SHAPES, compile_flow, read_run, run_plainly
from metaflow_airflow.operators.flow import metaflow_run_id

HOSTILE = 'it\'s "quoted" $(id) `id` $(AWS_SECRET_ACCESS_KEY) ${HOME} $$\nline {{ 1+1 }} %s ünïcödé 🚕 \\'
PARAMETERS = {"foreach": {"count": 4, "label": HOSTILE}}


class Watch:
    """Keeps every pod of a namespace as it was last seen, while the context lasts."""

    def __init__(self, core, namespace):
        self.pods = {}
        self._list = lambda: core.list_namespaced_pod(namespace).items
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self):
        while not self._stopped.wait(0.5):
            self.pods.update({pod.metadata.name: pod for pod in self._list()})

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join()


@pytest.fixture(scope="module", params=["foreach", "failures"])
def run_in_pods(request, kube_stack, core, namespace):
    """A flow run by Airflow in pods: its DAG run, its Metaflow run and the pods that were there."""
    flow, dag_id = FLOWS / f"{request.param}.py", SHAPES[request.param]
    parameters = PARAMETERS.get(request.param, {})
    compile_flow(kube_stack.env, flow, kube_stack.dags_folder / f"{request.param}.py", "--tag", "it's a tag")
    kube_stack.wait_for_dag(dag_id)
    with Watch(core, namespace) as watch:
        dag_run = kube_stack.rest.run(dag_id, parameters, timeout=600)
    metaflow_run = metaflow_run_id(dag_id, dag_run.dag_run_id, dag_run.run_after)
    return flow, parameters, dag_run, f"{dag_id}/{metaflow_run}", list(watch.pods.values())


def comparable(run):
    """Return a run's steps, number of tasks and artifacts, without what must differ between two runs."""
    return {
        step: [(task["index"], task["attempt"], task["artifacts"]) for task in tasks]
        for step, tasks in run["steps"].items()
    }


def test_the_artifacts_are_those_of_a_run_without_airflow(run_in_pods, kube_stack):
    flow, parameters, dag_run, pathspec, _ = run_in_pods
    assert dag_run.state == "success"
    options = [f"--{name}={value}" for name, value in parameters.items()]
    in_pods = read_run(kube_stack.env, pathspec)
    assert in_pods["successful"]
    assert comparable(in_pods) == comparable(run_plainly(kube_stack.env, flow, *options))


def test_every_task_had_a_pod_that_its_labels_find(run_in_pods, kube_stack):
    *_, pathspec, pods = run_in_pods
    flow, run_id = pathspec.split("/")
    run = read_run(kube_stack.env, pathspec)
    expected = {
        (flow, run_id, step, task["id"], str(attempt))
        for step, tasks in run["steps"].items()
        if step != "_parameters"
        for task in tasks
        for attempt in range(task["attempt"] + 1)
    }
    names = ("flow_name", "run_id", "step_name", "task_id", "attempt")
    assert {tuple(pod.metadata.labels[f"metaflow/{name}"] for name in names) for pod in pods} == expected
    assert len(pods) == len(expected)


def test_no_pod_is_left(run_in_pods, core, namespace):
    assert core.list_namespaced_pod(namespace).items == []


def test_no_credential_is_in_a_pod_or_in_airflow(run_in_pods, kube_stack):
    _, _, dag_run, _, pods = run_in_pods
    secrets = [kube_stack.env["AWS_SECRET_ACCESS_KEY"], kube_stack.env["AWS_ACCESS_KEY_ID"]]
    texts = [str(pod.to_dict()) for pod in pods]
    for task in kube_stack.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id):
        where = (dag_run.dag_id, dag_run.dag_run_id, task.task_id)
        tries = range(1, task.try_number + 1)
        texts += [
            "\n".join(kube_stack.rest.log(*where, number, map_index=task.map_index)) for number in tries
        ]
        texts.append(str(kube_stack.rest.xcom(*where, map_index=task.map_index)))
    assert not [text for text in texts for secret in secrets if secret in text]
