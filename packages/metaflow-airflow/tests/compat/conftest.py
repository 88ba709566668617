"""Starts, for each version of Airflow, that Airflow beside the engine's built wheel."""

import shutil
import subprocess
from pathlib import Path

import pytest
from airflow_versions import AIRFLOWS, ENGINE
from engine_support import GOLDEN
from environments import make_environment
from other_airflow import other_airflow

from local.bootstrap import UV, uv_environment
from local.stack.environment import write_standalone_file
from local.stack.free_ports import free_ports
from local.stack.settings import load_settings
from local.stack.start_and_stop import down, storage_up


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The engine, built."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [str(UV), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ENGINE)]
    subprocess.run(command, env=uv_environment(), check=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def storage(tmp_path_factory):
    """The variables that an Airflow of somebody else's needs to use an S3 server that runs."""
    s3_port, airflow_port = free_ports(2)
    state = tmp_path_factory.mktemp("storage")
    settings = load_settings(
        {"STACK_DIR": str(state), "S3_PORT": str(s3_port), "AIRFLOW_PORT": str(airflow_port)}
    )
    settings = storage_up(settings, lambda *_: None)
    yield dict(line.split("=", 1) for line in write_standalone_file(settings).read_text().splitlines())
    down(settings)


@pytest.fixture(scope="module", params=AIRFLOWS)
def airflow(request, wheel, storage, tmp_path_factory):
    """One version of Airflow after the other, each with the golden DAGs in its folder."""
    programs = make_environment(request.param, wheel)
    home = tmp_path_factory.mktemp(f"airflow-{request.param}")
    # Without the sensors, which need a provider that not every Airflow has.
    shutil.copytree(GOLDEN, home / "dags", ignore=shutil.ignore_patterns("__pycache__", "sensors.py"))
    shutil.copy(Path(__file__).with_name("versions_flow.py"), home)
    with other_airflow(programs, home, free_ports(2), storage) as running:
        yield running
