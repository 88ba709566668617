"""What is said about a task in Airflow's log, and what is not."""

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.log_lines import (
    MOST_CHARACTERS,
    cards_line,
    opening_lines,
    saved_line,
)

TASK = StepTask(
    flow="F",
    file="my flow.py",
    step="train",
    run_id="airflow-1",
    task_id="train-0",
    attempt=1,
    user_code_retries=2,
    inputs=("start/start",),
    split_index=0,
    environment="conda",
    branch="test.step",
    parameters=None,
    decorators=("environment:vars={'PASSWORD': 'sesame'}",),
    tags=("user:ann", "sesame"),
    namespace="production:sesame",
    production_token="sesame",
)


def test_the_task_and_its_command_come_first_without_anything_secret():
    assert opening_lines(TASK) == [
        "Metaflow task: F/airflow-1/train/train-0 (attempt 1)",
        "Command: python 'my flow.py' step train --run-id=airflow-1 --task-id=train-0 --retry-count=1 "
        "--max-user-code-retries=2 --input-paths=airflow-1/start/start --split-index=0",
    ]


def test_cards_are_where_metaflow_shows_them():
    assert cards_line(TASK) == "Cards: python 'my flow.py' card view airflow-1/train/train-0"


def test_saved_artifacts_are_listed_in_order():
    assert saved_line(["model", "error"]) == "Saved: error, model"
    assert saved_line([]) == "Saved: no new artifacts"


def test_a_line_is_not_endless():
    lines = [saved_line(f"artifact_{number}" for number in range(1000))]
    assert [len(line) for line in lines] == [MOST_CHARACTERS]
