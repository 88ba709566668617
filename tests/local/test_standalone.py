"""`make standalone`: S3 and the compiled flows, for an Airflow that `astro dev start --standalone` starts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.pipeline.flows import dag_file, flow_files
from local.stack.daemon import connect
from local.stack.free_ports import is_free
from local.stack.services import S3, SERVICES
from local.stack.settings import Settings, load_settings
from tests.support.running_stack import run_local, stack_environment


@pytest.fixture(scope="module")
def standalone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("standalone")
    (folder / "dags").mkdir()
    environment = stack_environment(folder / "state", folder / "dags") | {"DAGS_FOLDER": str(folder / "dags")}
    try:
        done = run_local(environment, "standalone")
        assert done.returncode == 0, done.stdout + done.stderr
        command = f"astro dev start --standalone --env {folder}/state/standalone.env --wait 5m"
        assert f"{command} --port {environment['AIRFLOW_PORT']}" in done.stdout
        yield load_settings(environment)
    finally:
        run_local(environment, "down")


def test_only_s3_runs(standalone: Settings) -> None:
    supervisor = connect(standalone)
    assert supervisor
    states = {service: supervisor.getProcessInfo(service)["statename"] for service in SERVICES}
    assert {service for service, state in states.items() if state != "STOPPED"} == {S3}
    assert is_free(standalone.ports.airflow)


@pytest.mark.parametrize("flow", flow_files(), ids=lambda file: file.stem)
def test_its_file_of_variables_leads_to_what_the_flows_were_compiled_with(standalone: Settings, flow) -> None:
    lines = (standalone.state / "standalone.env").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    assert variables["AIRFLOW__METAFLOW__RUNNER"] == "local"
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    bare = {"PATH": os.defpath, "HOME": str(standalone.state)}
    check = ["airflow", "create", "--check", str(dag_file(flow, standalone))]
    done = subprocess.run(
        [sys.executable, str(flow), "--no-pylint", *check],
        env=bare | variables,
        cwd=standalone.state,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_else_can_read_its_keys(standalone: Settings) -> None:
    file: Path = standalone.state / "standalone.env"
    assert file.stat().st_mode & 0o077 == 0
