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
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    dags = tmp_path_factory.mktemp("standalone") / "dags"
    dags.mkdir()
    return stack_environment(dags.parent / "state", dags) | {"DAGS_FOLDER": str(dags)}


@pytest.fixture(scope="module")
def standalone(environment: dict[str, str]) -> Iterator[Settings]:
    try:
        done = run_local(environment, "standalone")
        assert done.returncode == 0, done.stdout + done.stderr
        command = f"astro dev start --standalone --env {environment['STACK_DIR']}/standalone.env --wait 5m"
        assert f"{command} --port {environment['AIRFLOW_PORT']}" in done.stdout
        yield load_settings(environment)
    finally:
        run_local(environment, "down")


def variables_of(settings: Settings) -> dict[str, str]:
    lines = (settings.state / "standalone.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def create(flow: Path, settings: Settings, *arguments: str) -> str:
    """Run `airflow create` of a flow in the DAGs folder, with the file's variables alone."""
    bare = {"PATH": os.defpath, "HOME": str(settings.state)}
    done = subprocess.run(
        [sys.executable, str(flow), "--no-pylint", "airflow", "create", *arguments],
        env=bare | variables_of(settings),
        cwd=settings.dags_folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_only_s3_runs(standalone: Settings) -> None:
    supervisor = connect(standalone)
    assert supervisor
    states = {service: supervisor.getProcessInfo(service)["statename"] for service in SERVICES}
    assert {service for service, state in states.items() if state != "STOPPED"} == {S3}
    assert is_free(standalone.ports.airflow)


@pytest.mark.parametrize("flow", flow_files(), ids=lambda file: file.stem)
def test_the_flows_were_compiled_with_the_variables_in_its_file(standalone: Settings, flow: Path) -> None:
    variables = variables_of(standalone)
    assert variables["AIRFLOW__METAFLOW__RUNNER"] == "local"
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    create(flow, standalone, "--check", str(dag_file(flow, standalone)))


def test_nobody_else_can_read_its_keys(standalone: Settings) -> None:
    file: Path = standalone.state / "standalone.env"
    assert file.stat().st_mode & 0o077 == 0


def test_a_flow_compiled_by_hand_is_used_as_it_is(environment: dict[str, str], standalone: Settings) -> None:
    flow = flow_files()[0]
    compiled = dag_file(flow, standalone)
    assert f"is also defined in compiled/{compiled.name}" in create(flow, standalone, "by_hand.py")
    by_hand = (standalone.dags_folder / "by_hand.py").read_text()
    stale = compiled.with_name("removed_dag.py")
    stale.touch()

    again = run_local(environment, "standalone")

    assert again.returncode == 0, again.stdout + again.stderr
    assert f"already defines the DAG of include/{flow.name} and is used as it is." in again.stdout
    assert (standalone.dags_folder / "by_hand.py").read_text() == by_hand
    assert not compiled.exists()
    assert not stale.exists()
    assert compiled.parent.is_dir()
