"""Every graph shape produces the same Metaflow run on Airflow as with Metaflow's own scheduler."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from engine_support import (
    FLOWS,
    PARAMETERS,
    SHAPES,
    comparable,
    compile_flow,
    environment_without_airflow,
    read_runs,
    run_flow,
    run_without_airflow,
    start_run,
    succeeded,
)
from metaflow_airflow.run_ids import metaflow_run_id

# All shapes run in the setup of the first test, which takes ten minutes on a busy machine.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def all_runs(stack):
    """By shape, the content of its run on Airflow, all at once, and of its run with Metaflow alone."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda shape: compile_shape(stack, shape), SHAPES))
        dag_runs = {shape: start_run(stack, name, PARAMETERS.get(shape)) for shape, name in SHAPES.items()}
        alone = pool.map(
            lambda shape: run_without_airflow(stack.env, FLOWS / f"{shape}.py", *options(shape)), SHAPES
        )
        by_metaflow = read_runs(environment_without_airflow(stack.env), list(alone))
    finished = [succeeded(stack, SHAPES[shape], dag_runs[shape]) for shape in SHAPES]
    ids = [metaflow_run_id(run.dag_id, run.dag_run_id, run.run_after) for run in finished]
    by_airflow = read_runs(stack.env, [f"{run.dag_id}/{i}" for run, i in zip(finished, ids, strict=True)])
    return {
        shape: ((dag_run, left), plain)
        for shape, dag_run, left, plain in zip(SHAPES, finished, by_airflow, by_metaflow, strict=True)
    }


def compile_shape(stack, shape):
    compile_flow(stack.env, FLOWS / f"{shape}.py", stack.dags_folder / f"{shape}.py", "--tag", "suite:shapes")


def options(shape):
    """Return a shape's parameters as options of Metaflow's command line."""
    values = PARAMETERS.get(shape, {})
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return [f"--{name}={text}" for name, text in texts.items()]


def plain_lines(text):
    """Return a task's output without times, and without the tracebacks that @catch marks with `>`."""
    lines = [line for line in text.splitlines() if not line.startswith(">")]
    return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\S+", "", line) for line in lines]


@pytest.mark.parametrize("shape", SHAPES)
def test_both_runs_have_the_same_content(shape, all_runs):
    (_, by_airflow), by_metaflow = all_runs[shape]
    assert by_airflow["successful"]
    assert comparable(by_airflow) == comparable(by_metaflow)


@pytest.mark.parametrize("shape", SHAPES)
def test_metaflow_has_the_airflow_task_and_the_output_of_each_task(shape, all_runs):
    (dag_run, by_airflow), by_metaflow = all_runs[shape]
    assert "suite:shapes" in by_airflow["tags"]
    for step, tasks in by_airflow["steps"].items():
        for mine, theirs in zip(tasks, by_metaflow["steps"][step], strict=True):
            assert plain_lines(mine["stdout"]) == plain_lines(theirs["stdout"])
            assert mine["metadata"]["airflow-dag-run-id"] == dag_run.dag_run_id


@pytest.mark.parametrize(
    ("shape", "task_id", "names"),
    [
        ("foreach", "each_square.halve", ["0", "1", "2"]),
        ("nested_foreach", "each_sign.mark", ["a, 1, +", "a, 1, -", "b, 2, !", "b, 3, !"]),
        ("nested_foreach", "each_signs.signs", ["a, 1", "b, 2", "b, 3"]),
    ],
)
def test_mapped_tasks_are_named_after_their_splits(shape, task_id, names, all_runs, stack):
    (dag_run, _), _ = all_runs[shape]
    tasks = stack.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id)
    assert sorted(task.rendered_map_index for task in tasks if task.task_id == task_id) == names


@pytest.mark.parametrize("shape", SHAPES)
def test_logs_xcoms_and_rendered_fields_contain_no_credential(shape, all_runs, stack):
    (dag_run, _), _ = all_runs[shape]
    secrets = [stack.env["AWS_SECRET_ACCESS_KEY"], stack.env["AWS_ACCESS_KEY_ID"]]
    for task in stack.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id):
        where = (dag_run.dag_id, dag_run.dag_run_id, task.task_id)
        text = "\n".join(stack.rest.log(*where, task.try_number, map_index=task.map_index))
        text += str(stack.rest.xcom(*where, map_index=task.map_index)) + str(task.rendered_fields)
        assert not [secret for secret in secrets if secret in text]


def test_cards_can_be_read_as_after_a_run_without_airflow(all_runs, stack):
    (dag_run, _), _ = all_runs["decorated"]
    run_id = metaflow_run_id(dag_run.dag_id, dag_run.dag_run_id, dag_run.run_after)
    listed = run_flow(stack.env, FLOWS / "decorated.py", "card", "list", f"{run_id}/reported")
    assert listed.stderr.count("Card Id: ") == 2, listed.stdout + listed.stderr
    log = stack.rest.log(dag_run.dag_id, dag_run.dag_run_id, "reported", 2)
    assert f"Cards: python decorated.py card view {run_id}/reported/reported" in log
    card = run_flow(stack.env, FLOWS / "decorated.py", "card", "get", f"{run_id}/refreshed")
    assert "<html" in card.stdout
