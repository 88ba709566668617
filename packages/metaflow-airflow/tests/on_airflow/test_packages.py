"""`@conda` and `@pypi`: each step has the packages that it requests, on a worker and in a pod.

The channel consists of this Python and packages from PyPI; `micromamba.py` solves and installs.
"""

import ast
import json
import os
import shlex
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conda_channel import make_channel
from engine_support import comparable, compile_flow, content_without_airflow, finish_run, run_flow, start_run
from metaflow_airflow.runners.kubernetes.pod_command import pod_command
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    RESULT_VARIABLE,
    TASK_VARIABLE,
    StepTask,
)
from orchestrator_kit_support import NOT_HERE, run_suite

from local.bootstrap import uv_environment
from tests.support.documents import ENGINE, blocks_of
from tests.support.excerpts import is_excerpt

PACKAGE_FLOWS = Path(__file__).parents[1] / "package_flows"
MICROMAMBA = Path(__file__).parents[1] / "support" / "micromamba.py"
CALLS = "calls"  # a file with the arguments of each call of micromamba
# The packages that Metaflow itself needs in an environment, and those that the flows request.
FROM_PYPI = (
    ["pip", "requests", "boto3", "itsdangerous==2.2.0", "regex==2024.11.6"],
    ["regex==2024.9.11"],
)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def channel(tmp_path_factory):
    """The URL of a conda channel."""
    folder = tmp_path_factory.mktemp("conda")
    installations = [folder / f"packages-{number}" for number, _ in enumerate(FROM_PYPI)]
    for target, packages in zip(installations, FROM_PYPI, strict=True):
        command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
        subprocess.run([*command, "--target", target, *packages], env=uv_environment(), check=True)
    make_channel(folder / "channel", installations)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/channel"
    server.shutdown()


@pytest.fixture(scope="module")
def env(stack, channel, tmp_path_factory):
    """The stack's environment, with micromamba on the PATH, where the workers find it as well."""
    variables = f"CONDA_CHANNELS={channel} MAMBA_ROOT_PREFIX={tmp_path_factory.mktemp('mamba')}"
    program = stack.programs / "micromamba"
    command = shlex.join([sys.executable, "-I", str(MICROMAMBA)])
    calls = shlex.quote(str(stack.programs / CALLS))
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec env {variables} {command} "$@"\n')
    program.chmod(0o755)
    yield stack.env | {"METAFLOW_DEFAULT_ENVIRONMENT": "conda"}
    program.unlink()


@pytest.fixture(scope="module")
def conda_dag(stack, env):
    """The text of the compiled DAG of a flow with conda packages."""
    return compile_flow(env, PACKAGE_FLOWS / "conda_flow.py", stack.dags_folder / "conda_flow.py")


@pytest.fixture(scope="module")
def conda_run(stack, conda_dag):
    """The content of the Metaflow run of a first run of the DAG."""
    return finish_run(stack, "CondaFlow", start_run(stack, "CondaFlow"))[1]


def test_steps_have_the_conda_packages_that_they_request(env, conda_dag, conda_run):
    plain = content_without_airflow(env, PACKAGE_FLOWS / "conda_flow.py", name="CondaFlow")
    assert comparable(conda_run) == comparable(plain)
    (join,) = conda_run["steps"]["join"]
    assert join["artifacts"]["found"] == [[letter, ["B", "Ü"], "2024.9.11", "2.2.0"] for letter in "ab"]
    (end,) = conda_run["steps"]["end"]
    assert end["artifacts"]["python"] == sys.executable  # the worker's own: the step requests none
    packages = packages_of_steps(conda_dag)["each"]
    prefixes = [task["metadata"]["conda_env_prefix"] for task in conda_run["steps"]["each"]]
    assert prefixes == [f"metaflow/linux-64/{packages}"] * 2  # where Metaflow's client looks up its packages


def test_the_packages_of_a_step_are_installed_once_on_a_worker(stack, conda_run):
    (calls := stack.programs / CALLS).unlink()
    finish_run(stack, "CondaFlow", start_run(stack, "CondaFlow"))
    assert not calls.exists()


def test_steps_have_the_pypi_packages_that_they_request(stack, env):
    flow = PACKAGE_FLOWS / "pypi_flow.py"
    text = compile_flow(
        env | {"METAFLOW_DEFAULT_ENVIRONMENT": "pypi"}, flow, stack.dags_folder / "pypi_flow.py"
    )
    assert 'environment="pypi"' in text
    _, run = finish_run(stack, "PyPIFlow", start_run(stack, "PyPIFlow"))
    assert run["steps"]["start"][0]["artifacts"]["found"] == ["2024.11.6", ["B", "Ü"]]


def test_a_compiled_file_identifies_the_packages_of_a_step_and_is_reproducible(conda_dag, env, tmp_path):
    again = compile_flow(env, PACKAGE_FLOWS / "conda_flow.py", tmp_path / "conda_flow.py")
    assert packages_of_steps(again) == packages_of_steps(conda_dag)
    assert package_of(again) == package_of(conda_dag)
    found = packages_of_steps(conda_dag)
    assert found["start"] == found["join"] != found["each"]
    assert "end" not in found
    assert 'environment="conda"' in conda_dag
    assert "decorators=" not in conda_dag  # Metaflow adds the environment's decorators again in the step


def test_the_command_of_a_pod_installs_the_packages_of_its_step(stack, env, conda_dag, tmp_path):
    url = f"{env['METAFLOW_DATASTORE_SYSROOT_S3']}/{package_of(conda_dag)}"
    task = StepTask(
        "CondaFlow", "conda_flow.py", "start", "by-hand", "start", 0, 0, parameters={}, environment="conda"
    )
    command = pod_command(url, "s3", "CondaFlow", packages_of_steps(conda_dag)["start"])
    variables = {
        TASK_VARIABLE: task.to_json(),
        RESULT_VARIABLE: str(tmp_path / "result.json"),
        "METAFLOW_SKIP_INSTALL_DEPENDENCIES": "1",  # this Python has them, as the step image does
        "MFLOG_STDOUT": os.devnull,
    }
    done = subprocess.run(command, env=env | variables, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "result.json").read_text()) == {"splits": 2}


def test_packages_that_do_not_exist_are_one_message(env, tmp_path):
    flow = tmp_path / "conda_flow.py"
    flow.write_text((PACKAGE_FLOWS / "conda_flow.py").read_text().replace("2024.9.11", "1.2.3"))
    done = run_flow(env, flow, "airflow", "create", str(tmp_path / "dag.py"))
    assert done.returncode == 1
    assert "Micromamba ran into an error" in done.stderr
    assert "regex" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "dag.py").exists()


def test_packages_that_disappear_before_a_step_starts_are_one_message(stack, env, tmp_path):
    flow = tmp_path / "gone_flow.py"
    text = (PACKAGE_FLOWS / "conda_flow.py").read_text()
    # Not the same packages as those that are already installed.
    flow.write_text(text.replace("CondaFlow", "GoneFlow").replace('"2.2.0"', '">=2"'))
    compile_flow(env, flow, stack.dags_folder / "gone_flow.py")
    program = stack.programs / "micromamba"
    hidden = program.rename(program.with_name("hidden"))
    program.write_text("#!/bin/sh\necho no space is left >&2\nexit 1\n")
    program.chmod(0o755)
    try:
        run_id = start_run(stack, "GoneFlow")
        assert stack.rest.wait("GoneFlow", run_id, timeout=300).state == "failed"
    finally:
        hidden.rename(program)
    failed = next(t for t in stack.rest.task_instances("GoneFlow", run_id) if t.state == "failed")
    log = "\n".join(stack.rest.log("GoneFlow", run_id, failed.task_id, failed.try_number))
    assert f"The packages of step {failed.task_id!r} cannot be installed on this worker" in log
    assert "no space is left" in log


def test_the_conda_test_of_the_orchestrator_kit(stack, env, tmp_path):
    assert run_suite(stack, env, tmp_path, NOT_HERE) == {NOT_HERE: None}


def test_the_compiled_file_is_as_documented(conda_dag):
    (compiled,) = [
        block for block in blocks_of(ENGINE / "docs/packages.md") if block.title.startswith("dags/")
    ]
    assert is_excerpt(compiled.text, conda_dag)


def packages_of_steps(text):
    """By step, return the id of its packages in a compiled file."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    words = [{each.arg: each.value for each in call.keywords} for call in calls]
    return {
        each["task_id"].value: each["virtual_environment"].value
        for each in words
        if "virtual_environment" in each
    }


def package_of(text):
    """Return the path of the code package in a compiled file."""
    return text.split('package="')[1].split('"')[0]
