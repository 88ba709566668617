"""How the `airflow` commands reach Airflow: its address, a login, and the messages if that fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine_support import WAITING, run_flow, wait_until

from local.stack.free_ports import free_ports


@pytest.mark.parametrize(
    ("url", "message"),
    [("http://127.0.0.1:9", "does not answer at http://127.0.0.1:9"), (None, "is not the API of Airflow 3")],
)
def test_a_server_that_is_not_airflow_is_reported_in_one_message(url, message, waiting, tmp_path):
    if url:
        assert message in waiting("list-runs", code=1, METAFLOW_AIRFLOW_API_URL=url)
        return
    (port,) = free_ports(1)
    (tmp_path / "api/v2/dags/WaitingFlow").mkdir(parents=True)
    (tmp_path / "api/v2/dags/WaitingFlow/details").write_text("<html>")
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        other = f"http://127.0.0.1:{port}"
        assert message in wait_until(
            lambda: (
                "does not answer"
                not in (said := waiting("list-runs", code=1, METAFLOW_AIRFLOW_API_URL=other))
                and said
            )
        )
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def guarded(env, stack, tmp_path_factory):
    """The address of an API server of the same Airflow that requires a login."""
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "passwords.json").write_text(json.dumps({"ann": "her $(password)"}))
    settings = {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "ann:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [str(Path(sys.executable).with_name("airflow")), "api-server", "--host", "127.0.0.1"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1"],
            env=env | settings,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        refused = {"METAFLOW_AIRFLOW_API_URL": url}
        wait_until(
            lambda: (
                "does not answer"
                not in run_flow(env | refused, WAITING, "airflow", "status", "airflow-0").stderr
            )
        )
        yield url
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def test_a_user_logs_in_with_a_password(guarded, waiting, tmp_path):
    login = {"METAFLOW_AIRFLOW_USERNAME": "ann", "METAFLOW_AIRFLOW_PASSWORD": "her $(password)"}
    waiting("list-runs", METAFLOW_AIRFLOW_API_URL=guarded, **login)


def test_a_user_authenticates_with_a_token(guarded, waiting, env):
    get_token = (
        "import json, sys, urllib.request as r;"
        "body = json.dumps({'username': 'ann', 'password': 'her $(password)'}).encode();"
        "q = r.Request(sys.argv[1] + '/auth/token', body, {'Content-Type': 'application/json'});"
        "print(json.load(r.urlopen(q))['access_token'])"
    )
    done = subprocess.run([sys.executable, "-c", get_token, guarded], env=env, capture_output=True, text=True)
    token = {"METAFLOW_AIRFLOW_TOKEN": done.stdout.strip()}
    waiting("list-runs", METAFLOW_AIRFLOW_API_URL=guarded, **token)


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"METAFLOW_AIRFLOW_TOKEN": "wrong-token"},
        {"METAFLOW_AIRFLOW_USERNAME": "ann", "METAFLOW_AIRFLOW_PASSWORD": "wrong-password"},
    ],
    ids=["none", "token", "password"],
)
def test_a_wrong_login_is_reported_without_the_secret(login, guarded, waiting):
    said = waiting("list-runs", code=1, METAFLOW_AIRFLOW_API_URL=guarded, **login)
    assert "does not allow this login to do that" in said
    assert "wrong-" not in said
