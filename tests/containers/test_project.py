"""What `astro dev start` starts: healthy, private, idempotent, and without leftovers when removed."""

import grpc
import pytest
import requests

from local.stack.settings import REPOSITORY
from tests.containers.project import remove, run, start

ONE_SHOT = {"settings", "step-image", "metaflow-database", "metaflow-migration", "flows", "db-migration"}


def dag_files():
    return {file: file.read_bytes() for file in (REPOSITORY / "dags").rglob("*.py")}


def test_services_are_healthy_and_one_shot_services_have_succeeded(project):
    states = {name: each["State"] for name, each in project.containers().items()}
    assert {name for name, state in states.items() if state["Status"] == "exited"} == ONE_SHOT
    assert {name: state["ExitCode"] for name, state in states.items() if state["ExitCode"]} == {}
    health = {name: state["Health"]["Status"] for name, state in states.items() if "Health" in state}
    expected = {"postgres", "seaweedfs", "metadata", "metaflow-ui", "k3s"}
    assert expected <= {name for name, status in health.items() if status == "healthy"}


def test_every_port_is_published_on_loopback(project):
    bindings = [
        (name, binding["HostIp"])
        for name, each in project.containers().items()
        for published in each["NetworkSettings"]["Ports"].values()
        for binding in published or []
    ]
    assert bindings
    assert {address for _, address in bindings} == {"127.0.0.1"}, bindings


@pytest.mark.parametrize(
    ("service", "port", "path", "status"),
    [
        ("seaweedfs", 8333, "/metaflow", 403),
        ("metadata", 8080, "/ping", 200),
        ("metaflow-ui", 8083, "/ping", 200),
    ],
)
def test_each_server_answers_but_s3_refuses_requests_without_a_key(project, service, port, path, status):
    address = f"http://127.0.0.1:{project.port(service, port)}{path}"
    assert requests.get(address, timeout=10).status_code == status


def test_pods_can_reach_nothing_of_the_storage_but_s3_and_a_port_that_requires_a_certificate(project):
    (network,) = project.containers()["seaweedfs"]["NetworkSettings"]["Networks"].values()
    address = network["IPAddress"]
    script = f"""
import json, socket
def answers(port):
    with socket.socket() as s:
        s.settimeout(2)
        return s.connect_ex(({address!r}, port)) == 0
print(json.dumps([port for port in range(1, 65536) if answers(port)]))
"""
    assert project.python(script) == [8333, 18333]
    with grpc.insecure_channel(f"{address}:18333") as channel, pytest.raises(grpc.RpcError) as refusal:
        channel.unary_unary("/s3_pb.SeaweedS3IamCache/PutIdentity")(b"", timeout=10)
    assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE


def test_the_metadata_service_has_a_database_of_its_own(project):
    query = "select datname from pg_database where not datistemplate"
    databases = project.inside("postgres", "psql", "-U", "postgres", "-tAc", query).split()
    assert set(databases) == {"postgres", "metaflow"}


def test_the_step_image_has_the_packages_of_the_steps(project):
    step_image = project.python(
        "import json; print(json.dumps(json.load(open('/settings/metaflow/config.json'))"
        "['METAFLOW_KUBERNETES_CONTAINER_IMAGE']))"
    )
    imports = "import boto3, numpy, pandas, pyarrow, requests, sklearn"
    without_network = ["docker", "run", "--rm", "--network", "none", step_image]
    assert run(*without_network, "python", "-c", f"{imports}; print('whole')") == "whole\n"
    # With this variable, Metaflow installs nothing in a pod.
    assert run(*without_network, "printenv", "METAFLOW_SKIP_INSTALL_DEPENDENCIES") == "1\n"


def test_starting_it_again_changes_nothing(project):
    def states():
        return {name: (each["Id"], each["State"]["StartedAt"]) for name, each in project.containers().items()}

    start()  # the flows compiled by the first start become part of Airflow's image
    before, files = states(), dag_files()
    start()
    after = states()
    assert {name: state[0] for name, state in after.items()} == {
        name: state[0] for name, state in before.items()
    }
    assert {name for name in after if after[name] != before[name]} <= ONE_SHOT
    assert dag_files() == files


@pytest.mark.parametrize(
    "choice",
    ["AIRFLOW__METAFLOW__RUNNER=local", 'AIRFLOW_CONN_KUBERNETES_DEFAULT={"conn_type": "kubernetes"}'],
)
def test_no_kubernetes_is_started_if_the_settings_select_another_cluster_or_none(project, choice):
    image = project.containers()["k3s"]["Config"]["Image"]
    scripts = f"{REPOSITORY / 'compose'}:/compose:ro"
    options = ["--detach", "--rm", "--env", choice, "--volume", scripts, "--entrypoint", "/bin/sh"]
    container = run("docker", "run", *options, image, "/compose/k3s.sh").strip()
    try:
        assert "No Kubernetes is started" in run("docker", "logs", container)
        run("docker", "exec", container, "/bin/sh", "/compose/k3s_is_ready.sh")
        assert "k3s" not in run("docker", "top", container, "-eo", "pid,comm").replace("k3s.sh", "")
    finally:
        run("docker", "rm", "--force", container)


def test_removing_it_leaves_nothing(project):
    """The last test, because it removes the project."""
    assert project.leftovers()
    remove()
    assert project.leftovers() == []
