"""`.local/env`: a bare shell that sources it uses the stack."""

import json
import os
import subprocess

import pytest

from tests.support.running_stack import RunningStack

CLIENTS = """
import json, boto3, metaflow, os
print(json.dumps({
    "buckets": sorted(bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]),
    "flows": len(list(metaflow.Metaflow())),
    "dags": os.environ["AIRFLOW__CORE__DAGS_FOLDER"],
}))
"""


def in_bare_shell(stack: RunningStack, script: str, **variables: str) -> str:
    """Source the file in a bash that has inherited nothing, and run a script."""
    bare = {"HOME": str(stack.dags_folder), "PATH": os.defpath, **variables}
    command = ["bash", "-euc", f'source "$1"\n{script}', "bash", str(stack.settings.env_file)]
    done = subprocess.run(command, env=bare, capture_output=True, text=True, cwd=stack.dags_folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sourcing_it_makes_the_clients_use_the_stack(stack: RunningStack) -> None:
    seen = json.loads(in_bare_shell(stack, f"python -c '{CLIENTS}'").splitlines()[-1])
    assert seen["buckets"] == ["metaflow", "taxi-data"]
    assert seen["dags"] == str(stack.settings.dags_folder)


def test_airflow_on_the_command_line_knows_the_dags(stack: RunningStack) -> None:
    stack.wait_for_dag("data_engineering_dag")
    dags = json.loads(in_bare_shell(stack, "airflow dags list --output json").splitlines()[-1])
    assert "data_engineering_dag" in {dag["dag_id"] for dag in dags}


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_SESSION_TOKEN", "METAFLOW_SERVICE_URL"])
def test_a_users_own_accounts_do_not_leak_in(stack: RunningStack, name: str) -> None:
    assert in_bare_shell(stack, f'echo "${{{name}-unset}}"', **{name: "mine"}).strip() == "unset"


def test_a_users_own_proxy_is_kept_and_not_used_for_the_stack(stack: RunningStack) -> None:
    exceptions = in_bare_shell(stack, 'echo "$NO_PROXY"', NO_PROXY="example.com").strip()
    assert exceptions == "127.0.0.1,example.com"
