"""Flows with @project are deployed under the name of their branch, and run in that branch."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from engine_support import FLOWS, environment_without_airflow, read_run, run_flow
from metaflow_airflow.compiler.compiled_file import CompiledDag, read_compiled
from metaflow_airflow.run_ids import metaflow_run_id

FLOW = FLOWS / "project.py"
# The branch's name, by the options that select it.
BRANCHES = {
    (): "user.ann",
    ("--branch", "try_1"): "test.try_1",
    ("--production",): "prod",
    ("--production", "--branch", "next"): "prod.next",
}
IDS = list(BRANCHES.values())


def as_ann(stack, **more):
    return stack.env | {"METAFLOW_USER": "ann", "METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder)} | more


@pytest.fixture(scope="module")
def runs(stack):
    """By the options of a branch: its run on Airflow, and its run with Metaflow alone."""
    with ThreadPoolExecutor(2) as pool:
        dag_runs = list(pool.map(lambda options: start(stack, options), BRANCHES))
        plain = list(pool.map(lambda options: run_by_metaflow(stack, options), BRANCHES))
        by_airflow = pool.map(lambda dag_run: finish(stack, *dag_run), dag_runs)
        return dict(zip(BRANCHES, zip(by_airflow, plain, strict=True), strict=True))


def start(stack, options):
    done = run_flow(as_ann(stack), FLOW, *options, "airflow", "create")
    assert done.returncode == 0, done.stderr
    dag_id = f"taxis.{BRANCHES[options]}.ProjectFlow"
    stack.wait_for_dag(dag_id)
    return dag_id, stack.rest.trigger(dag_id)


def finish(stack, dag_id, dag_run_id):
    run = stack.rest.wait(dag_id, dag_run_id)
    assert run.state == "success"
    return read_run(as_ann(stack), f"ProjectFlow/{metaflow_run_id(dag_id, dag_run_id, run.run_after)}")


def run_by_metaflow(stack, options):
    id_file = stack.dags_folder.parent / f"run-id-{BRANCHES[options]}"
    env = environment_without_airflow(as_ann(stack))
    done = run_flow(env, FLOW, *options, "run", "--run-id-file", str(id_file))
    assert done.returncode == 0, done.stderr
    return read_run(env, f"ProjectFlow/{id_file.read_text()}")


@pytest.mark.parametrize("options", BRANCHES, ids=IDS)
def test_the_flow_sees_the_same_branch_as_without_airflow(options, runs):
    by_airflow, by_metaflow = runs[options]
    for step, artifacts in (("start", ["names", "flags"]), ("end", ["branch_at_the_end"])):
        ours, theirs = (run["steps"][step][0]["artifacts"] for run in (by_airflow, by_metaflow))
        assert {name: ours[name] for name in artifacts} == {name: theirs[name] for name in artifacts}


@pytest.mark.parametrize("options", BRANCHES, ids=IDS)
def test_the_run_has_the_same_tags_its_production_token_and_the_user_whom_airflow_knows(options, runs):
    by_airflow, by_metaflow = (set(run["tags"]) for run in runs[options])
    personal = {"user:ann", "runtime:dev"}
    assert by_metaflow - personal <= by_airflow
    assert {tag.partition(":")[0] for tag in by_airflow - by_metaflow} == {"production", "runtime", "user"}


@pytest.mark.parametrize("options", BRANCHES, ids=IDS)
def test_the_steps_namespace_is_that_of_the_production_token(options, runs, stack):
    token = read_compiled(stack.dags_folder / f"taxis.{BRANCHES[options]}.ProjectFlow.py").production_token
    by_airflow, _ = runs[options]
    assert by_airflow["steps"]["end"][0]["artifacts"]["namespace"] == f"production:{token}"


def test_the_file_contains_the_branch_but_no_user(stack, runs):
    file = stack.dags_folder / "taxis.test.try_1.ProjectFlow.py"
    compiled = read_compiled(file)
    assert compiled == CompiledDag(
        "taxis.test.try_1.ProjectFlow", "ProjectFlow", compiled.production_token, "test.try_1"
    )
    assert compiled.project == "taxis"
    assert "ann" not in file.read_text()
