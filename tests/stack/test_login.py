"""Who may use the stack's Airflow: its own pages only, and with AIRFLOW_LOGIN=1 who has the password."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from local.stack.credentials import load_credentials
from local.stack.environment import passwords_file
from tests.support.running_stack import RunningStack


@pytest.mark.parametrize("path", ["/", "/auth/token", "/auth/token/login", "/api/v2/dags"])
def test_a_web_page_of_another_host_gets_nothing(stack: RunningStack, path: str) -> None:
    url = f"{stack.settings.airflow_url}{path}"
    headers = {"Host": f"evil.example:{stack.settings.ports.airflow}"}
    refused = requests.get(url, headers=headers, timeout=10, allow_redirects=False)
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (403, False)
    assert "token" not in refused.text


def test_a_web_page_of_another_origin_starts_nothing(stack: RunningStack) -> None:
    url = f"{stack.settings.airflow_url}/api/v2/dags/data_engineering_dag/dagRuns"
    page = requests.post(
        url, json={"logical_date": None}, headers={"Origin": "http://evil.example"}, timeout=10
    )
    assert page.status_code == 403


@pytest.fixture(scope="module")
def with_login(stack: RunningStack) -> Iterator[subprocess.CompletedProcess[str]]:
    """What `up` printed when it started the stack with a login."""
    started = stack.local("up", AIRFLOW_LOGIN="1")
    assert started.returncode == 0, started.stderr
    yield started
    assert stack.local("up", AIRFLOW_LOGIN="0").returncode == 0


def test_with_a_login_nothing_is_answered_without_the_password(
    stack: RunningStack, with_login: subprocess.CompletedProcess[str]
) -> None:
    url, password = stack.settings.airflow_url, load_credentials(stack.settings.state).airflow_password
    assert f"Log in to Airflow as admin with the password {password}" in with_login.stdout
    assert passwords_file(stack.settings).stat().st_mode & 0o777 == 0o600
    assert requests.get(f"{url}/api/v2/dags", timeout=10).status_code == 401
    assert requests.get(f"{url}/auth/token", timeout=10).status_code == 403
    for attempt, status in (("guessed", 401), (password, 201)):
        login = {"username": "admin", "password": attempt}
        assert requests.post(f"{url}/auth/token", json=login, timeout=10).status_code == status


def test_with_a_login_the_projects_own_commands_log_in(
    stack: RunningStack, with_login: subprocess.CompletedProcess[str]
) -> None:
    status = stack.local("status")
    assert status.returncode == 0, status.stderr
    assert "Log in to Airflow as admin with the password" in status.stdout
    script = "from metaflow_airflow.commands.rest import Airflow; print(len(Airflow().import_errors()))"
    command = ["bash", "-c", f'source "$1" && "$2" -c "{script}"', "bash", str(stack.settings.env_file)]
    sourced = subprocess.run([*command, sys.executable], capture_output=True, text=True, timeout=60)
    assert (sourced.returncode, sourced.stdout) == (0, "0\n"), sourced.stderr
