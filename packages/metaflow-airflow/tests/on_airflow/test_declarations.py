"""Decorators, configs and files that are given on the command line or when a run is triggered."""

import json
import os
import re

import psutil
import pytest
from airflow_client.client.api.pool_api import PoolApi
from airflow_client.client.models.pool_body import PoolBody
from engine_support import (
    FLOWS,
    compile_flow,
    content_without_airflow,
    finish_run,
    run_flow,
    start_run,
    wait_until,
)
from metaflow_airflow.commands.rest import AirflowError

EXTENSION = FLOWS.parent / "extension"
HOSTILE = 'it\'s "quoted" $(id) `id` ${HOME}\nline {{ 1+1 }} %s ünïcödé 🚕 \\' + "x" * 100_000


def run_on_airflow(stack, dag_id, conf=None):
    """Trigger a DAG that was just compiled and return the content of its Metaflow run."""
    dag_run_id = start_run(stack, dag_id, conf)
    return finish_run(stack, dag_id, dag_run_id, dag_id.split(".")[0])[1]


def artifacts(run, step):
    """Return the artifacts of a step's only task."""
    (task,) = run["steps"][step]
    return task["artifacts"]


def compile_named(stack, flow, dag_id, *options, env=None, create_options=()):
    """Compile a flow with options before the command, as a DAG with another name."""
    arguments = ["airflow", "--name", dag_id, "create", str(stack.dags_folder / f"{dag_id}.py")]
    done = run_flow(env or stack.env, flow, *options, *arguments, *create_options)
    assert done.returncode == 0, done.stdout + done.stderr
    return (stack.dags_folder / f"{dag_id}.py").read_text()


def test_configs_from_the_command_line_reach_the_steps_in_the_code_package(stack, tmp_path):
    settings = {"rate": 0.125, "retries": 0, "name": HOSTILE}
    plain = f"In the package only: {HOSTILE}"
    (tmp_path / "parsed.txt").write_text("color = red $(id)\n")
    given = ["--config", "parsed", str(tmp_path / "parsed.txt"), "--config-value", "plain", plain]
    given += ["--config-value", "settings", json.dumps(settings)]
    text = compile_named(stack, FLOWS / "configured.py", "ConfiguredFlow.given", *given)
    assert "In the package only" not in text
    assert "retries" not in text
    run = run_on_airflow(stack, "ConfiguredFlow.given")
    seen = [settings["name"], "red $(id)", plain, None, 0.125, 0.125]
    assert artifacts(run, "start")["seen"] == seen
    assert artifacts(run, "start")["variable"] == HOSTILE
    assert artifacts(run, "end")["settings"] == settings


@pytest.fixture(scope="module")
def included_dag(stack):
    """Return the text of a DAG with included files, which Airflow serves."""
    text = compile_named(stack, FLOWS / "included.py", "IncludedFlow.given")
    stack.wait_for_dag("IncludedFlow.given")
    return text


def test_a_file_can_be_given_to_a_run(included_dag, stack):
    root = stack.env["METAFLOW_DATASTORE_SYSROOT_S3"] + "/data"
    assert root not in included_dag
    path = re.search(r'"latin": \{\s+"path": "([^"]+)"', included_dag)[1]
    # The form in which Metaflow's commands describe an uploaded file.
    uploaded = {"type": "uploader-v2", "sub-type": "uploaded", "url": f"{root}/{path}", "size": 5}
    uploaded |= {"is_text": True, "encoding": "latin-1"}
    run = run_on_airflow(stack, "IncludedFlow.given", {"nothing": json.dumps(uploaded)})
    assert artifacts(run, "start")["seen"][-1] == "café\n"


@pytest.mark.parametrize("value", ["/etc/hostname", "~/.profile", "", " {}"])
def test_a_file_on_the_worker_cannot_be_given_to_a_run(value, included_dag, stack):
    with pytest.raises(AirflowError, match="notes"):
        stack.rest.trigger("IncludedFlow.given", {"notes": value})


def test_a_run_that_names_another_file_fails_before_it_reads_anything(included_dag, stack):
    forged = {"type": "uploader-v2", "sub-type": "external", "url": "local:///etc/hostname"}
    conf = {"notes": json.dumps(forged | {"is_text": True, "encoding": "utf-8", "size": 1})}
    run_id = start_run(stack, "IncludedFlow.given", conf)
    assert stack.rest.wait("IncludedFlow.given", run_id).state == "failed"
    log = "".join(stack.rest.log("IncludedFlow.given", run_id, "start", 1))
    assert "The value of parameter 'notes' is not a file that was uploaded for IncludedFlow" in log


def test_decorators_from_the_command_line_reach_the_steps(stack):
    options = [
        "--with",
        "retry:times=3,minutes_between_retries=0",
        "--with",
        'environment:vars={"A": "$(id)"}',
    ]
    options += ["--with", 'kubernetes:image=mine:1,cpu=2,labels={"team": "ml"}', "--with", "card:type=blank"]
    PoolApi(stack.rest.client).post_pool(PoolBody(name="ml", slots=1))
    create_options = ["--tag", "a:1", "--tag", "$(id)", "--namespace", "user:someone", "--worker-pool", "ml"]
    text = compile_named(
        stack, FLOWS / "linear.py", "LinearFlow.with", *options, create_options=create_options
    )
    assert "retries=3" in text
    assert 'compute={"cpu": 2}' in text
    assert 'pod={"image": "mine:1", "labels": {"team": "ml"}}' in text
    assert 'env={"A": "$(id)"}' in text
    assert '"kubernetes:' not in text
    run = run_on_airflow(stack, "LinearFlow.with")
    assert {"a:1", "$(id)"} <= set(run["tags"])
    assert run["successful"]
    dag_run = stack.rest.latest_run("LinearFlow.with")
    assert {task.pool for task in stack.rest.task_instances("LinearFlow.with", dag_run.dag_run_id)} == {"ml"}


def test_a_run_that_exceeds_the_timeout_of_its_flow_fails_and_its_step_ends(stack, tmp_path):
    # Long enough for the step to start on a busy machine.
    options = ["--workflow-timeout", "30"]
    compile_named(stack, FLOWS / "waiting.py", "WaitingFlow.timed", create_options=options)
    pid_file = tmp_path / "pid"
    run_id = start_run(stack, "WaitingFlow.timed", {"seconds": 600.0, "pid-file": str(pid_file)})
    assert stack.rest.wait("WaitingFlow.timed", run_id).state == "failed"
    step = int(pid_file.read_text())
    wait_until(lambda: not psutil.pid_exists(step))


def test_a_decorator_of_an_extension_runs_in_the_step(stack):
    env = stack.env | {"PYTHONPATH": f"{EXTENSION}{os.pathsep}{stack.env.get('PYTHONPATH', '')}"}
    compile_flow(env, EXTENSION / "extended.py", stack.dags_folder / "ExtendedFlow.py")
    run = run_on_airflow(stack, "ExtendedFlow")
    note = artifacts(run, "start")["note"]
    assert note == ['it\'s "quoted" $(id) {{ 1+1 }} ü', {"a": [1, None]}]
    plain = content_without_airflow(env, EXTENSION / "extended.py", name="ExtendedFlow")
    assert note == artifacts(plain, "start")["note"]
