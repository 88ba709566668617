"""Whatever a task's parameters and tags contain, Metaflow gets them as single arguments, unchanged."""

import pytest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    StepResult,
    StepTask,
    init_arguments,
    step_arguments,
    task_id,
)

HOSTILE = [
    "plain",
    "",
    'it\'s "quoted"',
    "$(id) `id` ${HOME}",
    "two\nlines\ttab",
    "{{ 1+1 }} {% raw %}",
    "%s %(x)s %%",
    "ünïcödé 日本語 🚕",
    "--tag=evil",
    "-- --run-id=1",
    "x" * 100_000,
    '{"a": ["$(id)", null]}',
]


def make_task(**changes):
    values = {
        "flow": "F",
        "file": "f.py",
        "step": "start",
        "run_id": "airflow-1",
        "task_id": "start",
        "attempt": 0,
        "user_code_retries": 0,
    }
    return StepTask(**(values | changes))


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_parameter_is_one_unchanged_argument(value):
    task = StepTask.from_json(make_task(parameters={"p": value}).to_json())
    assert init_arguments(task)[-1] == f"--p={value}"


@pytest.mark.parametrize("tag", HOSTILE, ids=range(len(HOSTILE)))
def test_a_tag_cannot_add_an_option(tag):
    arguments = step_arguments(make_task(tags=(tag,), inputs=("a/a",)))
    assert arguments[-1] == f"--tag={tag}"
    assert len(arguments) == len(step_arguments(make_task(tags=("t",), inputs=("a/a",))))


def test_a_step_with_its_own_packages_runs_in_the_environment_for_them():
    task = make_task(environment="conda", inputs=("a/a",), parameters={})
    for arguments in (init_arguments(task), step_arguments(task)):
        assert "--environment=conda" in arguments
        assert not any(
            each.startswith("--environment") for each in step_arguments(make_task(inputs=("a/a",)))
        )


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (0.5, "0.5"), (True, "true"), (False, "false"), ({"a": [1, None]}, '{"a": [1, null]}')],
)
def test_parameters_are_written_as_metaflow_parses_them(value, text):
    assert init_arguments(make_task(parameters={"p": value}))[-1] == f"--p={text}"


def test_a_parameter_that_is_none_gets_its_default():
    assert not [each for each in init_arguments(make_task(parameters={"p": None})) if each.startswith("--p")]


def test_the_first_step_reads_the_parameters_and_others_their_inputs():
    assert "--input-paths=airflow-1/_parameters/parameters" in step_arguments(make_task(parameters={}))
    later = step_arguments(make_task(inputs=("a/a-0", "a/a-1")))
    assert "--input-paths=airflow-1/a/a-0,airflow-1/a/a-1" in later


@pytest.mark.parametrize(("path", "expected"), [([], "train"), ([3], "train-3"), ([0, 12], "train-0-12")])
def test_task_ids_follow_from_the_step_and_its_foreach_path(path, expected):
    assert task_id("train", path) == expected


@pytest.mark.parametrize(
    "result",
    [
        StepResult(),
        StepResult(splits=0),
        StepResult(next="left", task="start.2"),
        StepResult(gang=3),
        StepResult(complete=False, name="ünï 🚕"),
    ],
)
def test_a_result_survives_json(result):
    assert StepResult.from_json(result.to_json()) == result


def test_a_task_without_a_result_is_not_complete():
    assert StepResult.from_json("") == StepResult(complete=False)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{}", StepResult()),
        ('{"splits": 3}', StepResult(splits=3)),
        ('{"gang": 2, "x": 1}', StepResult(gang=2)),
    ],
    ids=["older", "older foreach", "newer"],
)
def test_the_result_of_another_version_is_read(text, result):
    assert StepResult.from_json(text) == result
