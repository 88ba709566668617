"""Every shape, run by Airflow, leaves the same Metaflow run as Metaflow's own scheduler does."""

import json

import pytest
from engine_support import FLOWS, SHAPES, compile_flow, read_run, run_plainly
from metaflow_airflow.operators.flow import metaflow_run_id

HOSTILE = (
    'it\'s "quoted" $(id) `id` ${HOME}\nline {{ 1+1 }} {% x %} %s ünïcödé 🚕 --tag=evil \\ ' + "x" * 100_000
)
PARAMETERS = {"parameters": {"needed": HOSTILE, "structure": {"$(id)": ["{{ 1 }}", None]}, "flag": True}}


def as_options(parameters):
    values = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()
    }
    return [f"--{name}={value}" for name, value in values.items()]


def comparable(run):
    """Return a run's steps, number of tasks and artifacts, without what must differ between two runs."""
    return {
        step: [(task["index"], task["attempt"], task["artifacts"]) for task in tasks]
        for step, tasks in run["steps"].items()
    }


@pytest.fixture(scope="module", params=SHAPES)
def both_runs(request, stack):
    """The same flow run by Airflow and by Metaflow alone."""
    shape = request.param
    flow, dag_id = FLOWS / f"{shape}.py", SHAPES[shape]
    compile_flow(stack.env, flow, stack.dags_folder / f"{shape}.py", "--tag", "suite:shapes")
    stack.wait_for_dag(dag_id)
    dag_run = stack.rest.run(dag_id, PARAMETERS.get(shape, {}))
    tasks = stack.rest.task_instances(dag_id, dag_run.dag_run_id)
    assert dag_run.state == "success", [(task.task_id, task.map_index, task.state) for task in tasks]
    run_id = metaflow_run_id(dag_id, dag_run.dag_run_id, dag_run.run_after)
    by_airflow = read_run(stack.env, f"{dag_id}/{run_id}")
    return by_airflow, run_plainly(stack.env, flow, *as_options(PARAMETERS.get(shape, {}))), dag_run, stack


def test_the_runs_hold_the_same(both_runs):
    by_airflow, by_metaflow, *_ = both_runs
    assert by_airflow["successful"]
    assert comparable(by_airflow) == comparable(by_metaflow)


def test_metaflow_knows_where_in_airflow_its_tasks_ran_and_what_they_printed(both_runs):
    by_airflow, by_metaflow, dag_run, _ = both_runs
    assert "suite:shapes" in by_airflow["tags"]
    for step, tasks in by_airflow["steps"].items():
        for mine, theirs in zip(tasks, by_metaflow["steps"][step], strict=True):
            assert mine["stdout"] == theirs["stdout"]
            assert mine["metadata"]["airflow-dag-run-id"] == dag_run.dag_run_id


def test_no_credential_and_no_parameter_is_in_airflow_s_logs_and_xcoms(both_runs):
    *_, dag_run, stack = both_runs
    secrets = [stack.env["AWS_SECRET_ACCESS_KEY"], stack.env["AWS_ACCESS_KEY_ID"]]
    for task in stack.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id):
        where = (dag_run.dag_id, dag_run.dag_run_id, task.task_id)
        text = "\n".join(stack.rest.log(*where, task.try_number, map_index=task.map_index))
        text += str(stack.rest.xcom(*where, map_index=task.map_index)) + str(task.rendered_fields)
        assert not [secret for secret in secrets if secret in text]
