"""Compiled flows among other teams' tasks, in a DAG written by hand."""

import shutil
from itertools import pairwise

import pytest
from engine_support import (
    FLOWS,
    HOSTILE,
    SHAPES,
    changes_by_formatter,
    comparable,
    compile_flow,
    content_without_airflow,
    read_run,
    run_flow,
)
from metaflow_airflow.run_ids import metaflow_run_id

# Several flows, one of them twice; their parameters come from tasks.
BY_HAND = """
from airflow.sdk import Param, dag, task
from conditions_group import conditions_flow
from foreach_group import foreach_flow
from nested_foreach_group import nested_foreach_flow
from parameters_group import parameters_flow


@dag(dag_id="by_hand", params={"label": Param("none of the flows' business")})
def by_hand():
    @task
    def rows():
        return 2

    @task(multiple_outputs=True)
    def tune():
        return {"text": TEXT, "structure": {"$(id)": ["{{ 1 }}", None]}, "flag": True}

    @task
    def number(value):
        return value

    @task
    def report():
        print("reported")

    tuned = tune()
    first = foreach_flow(count=rows(), label=tuned["text"])
    second = foreach_flow.override(group_id="second")(count=4)
    third = parameters_flow(
        **{
            "needed": tuned["text"],
            "flag": tuned["flag"],
            "structure": {"inner": tuned["structure"], "numbers": number.expand(value=[1, 2])},
            "with-dash": "{{ 1 + 1 }}",
        }
    )
    first >> second >> third >> report()
    nested_foreach_flow() >> conditions_flow()


by_hand()
"""
WRONG = """
from airflow.sdk import dag, task
from parameters_group import parameters_flow


@dag
def wrong_by_hand():
    @task
    def flag():
        return "no truth value"

    parameters_flow(needed="something", flag=flag())


wrong_by_hand()
"""
SHAPES_OF_GROUPS = ("foreach", "parameters", "nested_foreach", "conditions")
GROUPS = {SHAPES[shape]: SHAPES[shape] for shape in SHAPES_OF_GROUPS} | {"second": "ForeachFlow"}


@pytest.fixture(scope="module")
def by_hand(stack):
    for shape in SHAPES_OF_GROUPS:
        target = stack.dags_folder / f"{shape}_group.py"
        compile_flow(stack.env, FLOWS / f"{shape}.py", target, "--task-group")
    (stack.dags_folder / "by_hand.py").write_text(BY_HAND.replace("TEXT", repr(HOSTILE)))
    (stack.dags_folder / "wrong_by_hand.py").write_text(WRONG)
    for dag_id in ("by_hand", "wrong_by_hand"):
        stack.wait_for_dag(dag_id)
    return stack


def test_the_files_are_formatted(by_hand):
    for shape in SHAPES_OF_GROUPS:
        assert changes_by_formatter(by_hand.dags_folder / f"{shape}_group.py") == ""


@pytest.fixture(scope="module")
def dag_run(by_hand):
    run = by_hand.rest.run("by_hand")
    tasks = by_hand.rest.task_instances(run.dag_id, run.dag_run_id)
    assert run.state == "success", [(task.task_id, task.state) for task in tasks]
    return run


@pytest.fixture(scope="module")
def runs(by_hand, dag_run):
    """By group, the content of its Metaflow run."""
    ids = {
        group: metaflow_run_id(dag_run.dag_id, dag_run.dag_run_id, dag_run.run_after, group)
        for group in GROUPS
    }
    return {group: read_run(by_hand.env, f"{GROUPS[group]}/{ids[group]}") for group in GROUPS}


def test_parameters_come_from_xcoms_unchanged(runs):
    (task,) = runs["ParametersFlow"]["steps"]["start"]
    values = task["artifacts"]
    assert values["needed"] == HOSTILE
    assert values["flag"] is True
    assert values["structure"] == {"inner": {"$(id)": ["{{ 1 }}", None]}, "numbers": [1, 2]}
    assert (values["dashed"], values["text"], values["whole"]) == ("{{ 1 + 1 }}", "plain", 3)


@pytest.mark.parametrize(
    ("group", "shape", "options"),
    [
        ("ForeachFlow", "foreach", ["--count=2", f"--label={HOSTILE}"]),
        ("second", "foreach", ["--count=4"]),
        ("NestedForeachFlow", "nested_foreach", []),
        ("ConditionsFlow", "conditions", []),
    ],
    ids=["first", "second", "nested_foreach", "conditions"],
)
def test_a_group_produces_the_same_run_as_the_flow_alone(group, shape, options, runs, by_hand):
    assert runs[group]["successful"]
    plain = content_without_airflow(by_hand.env, FLOWS / f"{shape}.py", *options)
    assert comparable(runs[group]) == comparable(plain)


def test_groups_run_between_the_tasks_around_them(by_hand, dag_run):
    tasks = {
        (task.task_id, task.map_index): task
        for task in by_hand.rest.task_instances(dag_run.dag_id, dag_run.dag_run_id)
    }
    chain = [
        ("tune", -1),
        ("ForeachFlow.start", -1),
        ("ForeachFlow.each_square.halve", 1),
        ("ForeachFlow.end", -1),
        ("second.start", -1),
        ("second.end", -1),
        ("ParametersFlow.start", -1),
        ("ParametersFlow.end", -1),
        ("report", -1),
    ]
    for before, after in pairwise(chain):
        assert tasks[before].end_date <= tasks[after].start_date


def test_a_wrong_value_is_rejected_with_one_message(by_hand):
    run = by_hand.rest.run("wrong_by_hand")
    assert run.state == "failed"
    log = "\n".join(by_hand.rest.log(run.dag_id, run.dag_run_id, "ParametersFlow.start", 1))
    assert "parameter 'flag' of ParametersFlow is \"no truth value\", which is not a boolean." in log


MISTAKES = {
    "parameters_flow()": "ParametersFlow requires a value for its parameter 'needed'.",
    "parameters_flow(needed='x', other=1)": "ParametersFlow has no parameter 'other'; it has 'text', 'whole'",
    "parameters_flow(needed='x', whole='many')": "'whole' of ParametersFlow is \"many\", which is not an int",
    "parameters_flow.partial(needed='x').expand(text=['a', 'b'])": "'ParametersFlow' contains a flow",
}


@pytest.mark.parametrize("call", MISTAKES)
def test_a_mistake_is_reported_when_airflow_parses_the_dag(call, by_hand, tmp_path):
    shutil.copy(by_hand.dags_folder / "parameters_group.py", tmp_path)
    text = "from airflow.sdk import dag\nfrom parameters_group import parameters_flow\n\n"
    (tmp_path / "dag.py").write_text(f"{text}@dag\ndef mistaken():\n    {call}\n\n\nmistaken()\n")
    done = run_flow(by_hand.env, tmp_path / "dag.py")
    assert done.returncode == 1
    assert MISTAKES[call] in done.stderr
