"""Which pods the sweep deletes from a cluster, and that no pod keeps it from deleting the others."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest
from kubernetes_support import kubeconfig
from metaflow_airflow.runners.kubernetes.orphaned_pods import sweep
from metaflow_airflow.runners.kubernetes.pod_launch import TRY_LABEL

from local.stack.free_ports import HOST

FINISHED, RUNNING, OF_ANOTHER_AIRFLOW = (f"019{number}0000-0000-7000-8000-00000000abcd" for number in "123")
STATES = {FINISHED: "failed", RUNNING: "deferred"}


class Cluster(BaseHTTPRequestHandler):
    """An API server that has pods (the values of their label by name) and refuses to delete some of them."""

    pods: dict[str, str]
    refused: dict[str, int]
    deleted: list[str]

    def do_GET(self):
        items = [
            {"metadata": {"name": name, "namespace": "flows", "labels": {TRY_LABEL: label}}}
            for name, label in self.pods.items()
        ]
        self._answer(200, {"kind": "PodList", "apiVersion": "v1", "items": items})

    def do_DELETE(self):
        name = self.path.rpartition("/")[2]
        if name in self.refused:
            self._answer(self.refused[name], {"kind": "Status", "message": "refused"})
            return
        self.deleted.append(name)
        self._answer(200, {"kind": "Pod", "apiVersion": "v1"})

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def _tasks():
    """The tasks of STATES, in the database of this process's Airflow."""
    from airflow import settings
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import insert, text

    import_all_models()
    Base.metadata.create_all(settings.engine)
    rows = [
        {
            "id": UUID(name),
            "dag_id": "F",
            "task_id": state,
            "run_id": "r",
            "map_index": -1,
            "pool": "default_pool",
            "pool_slots": 1,
            "state": state,
        }
        for name, state in STATES.items()
    ]
    with settings.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))  # the rows of their DAG do not matter here
        connection.execute(insert(TaskInstance.__table__), rows)


@pytest.fixture
def deleted_of(_tasks, monkeypatch):
    """`deleted_of(pods)` returns the names of the pods that one sweep deletes, sorted."""
    servers = []

    def run(pods, refused=None):
        handler = type("Handler", (Cluster,), {"pods": pods, "refused": refused or {}, "deleted": []})
        servers.append(server := ThreadingHTTPServer((HOST, 0), handler))
        threading.Thread(target=server.serve_forever).start()
        config = json.dumps(kubeconfig(f"http://{HOST}:{server.server_port}"))
        connection = {"conn_type": "kubernetes", "extra": {"kube_config": config}}
        monkeypatch.setenv("AIRFLOW_CONN_KUBERNETES_DEFAULT", json.dumps(connection))
        assert sweep() == len(handler.deleted)
        return sorted(handler.deleted)

    yield run
    for server in servers:
        server.shutdown()
        server.server_close()


def test_only_pods_of_finished_tasks_are_deleted(deleted_of):
    pods = {"orphan": FINISHED, "also-orphan": FINISHED, "busy": RUNNING, "other": OF_ANOTHER_AIRFLOW}
    assert deleted_of(pods) == ["also-orphan", "orphan"]


@pytest.mark.parametrize(
    "label",
    ["", "yes", "1", FINISHED.upper(), FINISHED.replace("-", ""), f"{FINISHED}0", "é"],
    ids=["empty", "word", "number", "capitals", "no dashes", "too long", "other letters"],
)
def test_a_foreign_pod_with_an_odd_label_is_skipped_and_the_sweep_goes_on(label, deleted_of):
    assert deleted_of({"foreign": label, "orphan": FINISHED}) == ["orphan"]


@pytest.mark.parametrize("status", [403, 404, 409, 500])
def test_a_pod_that_cannot_be_deleted_does_not_keep_the_others(status, deleted_of):
    pods = {"refused": FINISHED, "orphan": FINISHED}
    assert deleted_of(pods, {"refused": status}) == ["orphan"]
