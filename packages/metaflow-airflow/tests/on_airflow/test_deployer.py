"""Metaflow's `Deployer` deploys, triggers, follows, terminates, lists, finds and deletes flows on Airflow."""

import json
import re
import subprocess
import sys

import pytest
from engine_support import FLOWS

from tests.support.documents import ENGINE, blocks_of

PROLOGUE = """
import json, sys
from metaflow import Deployer, DeployedFlow
from metaflow.exception import MetaflowException
flow = sys.argv[1]
def show(**values):
    print("RESULT" + json.dumps(values, default=str))
"""


@pytest.fixture(scope="module")
def deployer(stack):
    """`deployer(script, flow, **env)` runs a script that uses the Deployer and returns its output."""
    env = stack.env | {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder)}

    def run(script, flow, **more):
        done = subprocess.run(
            [sys.executable, "-c", PROLOGUE + script, str(flow)],
            env=env | more,
            capture_output=True,
            text=True,
            timeout=400,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.rpartition("RESULT")[2])

    return run


@pytest.fixture
def renamed(tmp_path):
    """`renamed(file, name)` returns a copy of one of the tests' flows with another name."""

    def rename(stem, old, new):
        flow = tmp_path / f"{new.lower()}.py"
        flow.write_text((FLOWS / f"{stem}.py").read_text().replace(old, new))
        return flow

    return rename


def test_the_documented_script_runs_a_flow(stack, tmp_path):
    examples = {block.title: block.text for block in blocks_of(ENGINE / "docs/deploy.md")}
    for name in ("alpha_flow.py", "deploy.py"):
        (tmp_path / name).write_text(examples[name])
    env = stack.env | {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder)}
    command = [sys.executable, "deploy.py"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400)
    assert re.search(r"Succeeded Run\('AlphaFlow/airflow-\w+'\)", done.stdout), done.stdout + done.stderr


def test_a_flow_is_created_triggered_followed_and_deleted(deployer, renamed, stack):
    script = """
deployed = Deployer(flow, show_output=False, pylint=False).airflow().create(tags=["team:ml"], max_workers=3)
triggered = deployed.trigger(text="a $(text)", whole=7, structure={"b": [True]}, needed="it's needed")
run = triggered.wait_for_run(check_interval=1, timeout=120)
triggered.wait_for_completion(check_interval=1, timeout=120)
data = run["end"].task.data
show(name=deployed.name, flow_name=deployed.flow_name, token=deployed.production_token,
     status=triggered.status, running=triggered.is_running, id=run.id == triggered.run_id,
     tags=list(run.tags), successful=run.successful,
     values=[data.text, data.whole, data.structure, data.needed], deleted=deployed.delete())
"""
    shown = deployer(script, renamed("parameters", "ParametersFlow", "DeployerFlow"))
    assert (shown["name"], shown["flow_name"]) == ("DeployerFlow", "DeployerFlow")
    assert shown["token"].startswith("deployerflow-0-")
    assert (shown["status"], shown["running"], shown["successful"]) == ("Succeeded", False, True)
    assert shown["id"]
    assert {"team:ml", f"production:{shown['token']}"} <= set(shown["tags"])
    assert shown["values"] == ["a $(text)", 7, {"b": [True]}, "it's needed"]
    assert shown["deleted"]
    assert not (stack.dags_folder / "DeployerFlow.py").exists()


def test_a_file_and_a_name_may_be_given(deployer, renamed, tmp_path):
    script = f"""
named = Deployer(flow, show_output=False, pylint=False).airflow(name="a.name")
deployed = named.create(file={str(tmp_path / "d.py")!r})
show(name=deployed.name)
"""
    assert deployer(script, renamed("linear", "LinearFlow", "NamedFlow")) == {"name": "a.name"}
    assert 'dag_id="a.name"' in (tmp_path / "d.py").read_text()


def test_a_run_is_terminated(deployer, renamed):
    script = """
triggered = Deployer(flow, show_output=False, pylint=False).airflow().create().trigger(seconds=600.0)
triggered.wait_for_run(check_interval=1, timeout=120)
try:
    triggered.wait_for_completion(check_interval=1, timeout=2)
except TimeoutError as error:
    said = str(error)
before = triggered.status
done, again = triggered.terminate(), triggered.terminate()
show(said=said, before=before, done=done, again=again, after=triggered.status)
"""
    shown = deployer(script, renamed("waiting", "WaitingFlow", "TerminatedFlow"))
    assert "within 2 seconds" in shown["said"]
    assert (shown["before"], shown["after"]) == ("Running", "Failed")
    assert (shown["done"], shown["again"]) == (True, False)


@pytest.mark.parametrize(
    ("options", "dag_id"),
    [
        ({}, "taxis.user.ann.FoundFlow"),
        ({"branch": "x"}, "taxis.test.x.FoundFlow"),
        ({"production": True}, "taxis.prod.FoundFlow"),
    ],
)
def test_a_deployed_flow_is_found_again_by_its_name_in_another_process(
    options, dag_id, deployer, renamed, tmp_path
):
    flow = renamed("project", "ProjectFlow", "FoundFlow")
    create = f"""
deployed = Deployer(flow, show_output=False, pylint=False, **{options!r}).airflow().create()
triggered = deployed.trigger()
show(name=deployed.name, run_id=triggered.run_id, token=deployed.production_token)
"""
    created = deployer(create, flow, METAFLOW_USER="ann")
    assert created["name"] == dag_id
    find = f"""
from metaflow import namespace
namespace(None)
found = DeployedFlow.from_deployment({dag_id!r}, impl="airflow")
earlier = DeployedFlow.get_triggered_run({dag_id!r}, {created["run_id"]!r}, impl="airflow")
earlier.wait_for_completion(check_interval=1, timeout=120)
triggered = found.trigger()
triggered.wait_for_completion(check_interval=1, timeout=120)
show(name=found.name, flow_name=found.flow_name, token=found.production_token, earlier=earlier.status,
     later=triggered.status, names=triggered.run["start"].task.data.names,
     listed=[each.name for each in DeployedFlow.list_deployed_flows("FoundFlow", impl="airflow")],
     deleted=found.delete())
"""
    found = deployer(find, flow, METAFLOW_USER="bob")
    assert (found["name"], found["flow_name"], found["token"]) == (dag_id, "FoundFlow", created["token"])
    assert (found["earlier"], found["later"]) == ("Succeeded", "Succeeded")
    assert found["names"] == ["taxis", dag_id.removeprefix("taxis.").removesuffix(".FoundFlow"), dag_id]
    assert dag_id in found["listed"]
    assert found["deleted"]


def test_the_parameters_of_a_found_flow_keep_their_types(deployer, renamed):
    flow = renamed("parameters", "ParametersFlow", "TypedFlow")
    script = """
Deployer(flow, show_output=False, pylint=False).airflow().create().trigger(needed="x")
found = DeployedFlow.from_airflow("TypedFlow")
triggered = found.trigger(whole=8, real=1.5, flag=True, structure="text", needed="later")
triggered.wait_for_completion(check_interval=1, timeout=120)
data = triggered.run["end"].task.data
show(values=[data.text, data.whole, data.real, data.flag, data.structure, data.needed])
"""
    assert deployer(script, flow)["values"] == ["plain", 8, 1.5, True, "text", "later"]


def test_a_flow_that_is_not_deployed_is_not_found(deployer):
    script = """
try:
    DeployedFlow.from_airflow("NoSuchFlow")
except MetaflowException as error:
    show(said=str(error))
"""
    assert "has no DAG 'NoSuchFlow'" in deployer(script, FLOWS / "linear.py")["said"]


def test_a_trigger_that_airflow_rejects_raises_an_error(deployer, renamed):
    script = """
deployed = Deployer(flow, show_output=False, pylint=False).airflow().create(is_paused_upon_creation=True)
try:
    deployed.trigger()
except RuntimeError as error:
    show(said=str(error))
"""
    shown = deployer(script, renamed("linear", "LinearFlow", "RefusedFlow"))
    assert "The DAG 'RefusedFlow' is paused" in shown["said"]
