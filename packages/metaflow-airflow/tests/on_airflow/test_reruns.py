"""Tasks that are cleared and run again, alone or with those that follow, leave a correct Metaflow run."""

import json
import time
from datetime import UTC, datetime

import pytest
from airflow_client.client.api.backfill_api import BackfillApi
from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.exceptions import ServiceException
from airflow_client.client.models.backfill_post_body import BackfillPostBody
from airflow_client.client.models.clear_task_instances_body import ClearTaskInstancesBody
from engine_support import FLOWS, compile_flow, finish_run, read_run, run_flow, start_run
from metaflow_airflow.operators.step import MOST_ATTEMPTS
from metaflow_airflow.run_ids import metaflow_run_id

DAG = "RerunsFlow"
CELL = "each_cell.cell"


class Run:
    """One run of the flow, and the file from which its steps read what to do."""

    def __init__(self, stack, world, **instructions):
        self.stack, self.world = stack, world
        self.instruct(**instructions)
        self.id = start_run(stack, DAG, {"world": str(world)})

    def instruct(self, fail=(), value=1, route="left"):
        self.world.write_text(json.dumps({"fail": fail, "value": value, "route": route}))

    def wait(self):
        return self.stack.rest.wait(DAG, self.id, timeout=300)

    def clear(self, task_ids=None, *, only_failed=False, downstream=True):
        """Clear tasks as the button in Airflow's UI does; a mapped one is `[task id, map index]`."""
        body = ClearTaskInstancesBody.from_dict(
            {
                "dry_run": False,
                "dag_run_id": self.id,
                "task_ids": task_ids,
                "only_failed": only_failed,
                "include_downstream": downstream,
                "reset_dag_runs": True,
            }
        )
        TaskInstanceApi(self.stack.rest.client).post_clear_task_instances(DAG, body)

    def states(self):
        tasks = self.stack.rest.task_instances(DAG, self.id)
        return {(task.task_id, task.map_index): task.state.value for task in tasks if task.state}

    def names(self, task_id):
        """Return what Airflow shows instead of the map indices of a task."""
        tasks = self.stack.rest.task_instances(DAG, self.id)
        return {task.map_index: task.rendered_map_index for task in tasks if task.task_id == task_id}

    def read(self):
        run_after = self.stack.rest.dag_run(DAG, self.id).run_after
        return read_run(self.stack.env, f"{DAG}/{metaflow_run_id(DAG, self.id, run_after)}")

    def attempts(self):
        return {step: [task["attempt"] for task in tasks] for step, tasks in self.read()["steps"].items()}

    def result(self):
        (join,) = self.read()["steps"]["join"]
        return join["artifacts"]["result"]


@pytest.fixture(scope="module")
def served(stack):
    compile_flow(stack.env, FLOWS / "reruns.py", stack.dags_folder / "reruns.py")
    stack.wait_for_dag(DAG)
    return stack


@pytest.fixture
def start(served, tmp_path):
    return lambda name="world", **instructions: Run(served, tmp_path / f"{name}.json", **instructions)


def test_a_failed_split_stops_only_the_tasks_after_it_and_is_run_again_alone(start):
    run, other = start(fail=[[0, 1]]), start("other", value=7)
    assert run.wait().state == "failed"
    states = run.states()
    failed = {task for task, state in states.items() if state == "failed"}
    stopped = {task for task, _ in states if states[task, _] == "upstream_failed"}
    assert failed == {(CELL, 1)}
    assert stopped == {"each_cells.cells", "rows", "join", "end"}
    assert states["routed", -1] == "success"
    assert run.names(CELL) == {0: "0, 0", 1: "0, 1", 2: "1, 0", 3: "1, 1"}  # the failed one, too

    run.instruct(value=2)
    run.clear(only_failed=True)
    assert run.wait().state == "success"
    assert run.result() == [[[1, 2], [1, 1]], "left"]
    attempts = run.attempts()
    assert attempts.pop("cell") == [0, 1, 0, 0]
    assert {each for found in attempts.values() for each in found} == {0}
    assert other.wait().state == "success"
    assert other.result() == [[[7, 7], [7, 7]], "left"]


def test_tasks_cleared_after_a_success_replace_their_results(start):
    run = start()
    assert run.wait().state == "success"

    run.instruct(value=3)
    run.clear([[CELL, 2]])
    assert run.wait().state == "success"
    assert run.result() == [[[1, 1], [3, 1]], "left"]
    attempts = run.attempts()
    assert attempts["cell"] == [0, 0, 1, 0]
    assert attempts["row"] == [0, 0]
    assert attempts["end"] == [1]

    run.instruct(route="right")
    run.clear(["route"])
    assert run.wait().state == "success"
    assert run.states()["to_left", -1] == "skipped"
    assert run.result() == [[[1, 1], [3, 1]], "right"]


def test_more_tries_than_metaflow_keeps_are_rejected_with_one_message(start):
    run = start()
    for _ in range(MOST_ATTEMPTS):
        assert run.wait().state == "success"
        run.clear(["end"], downstream=False)
    assert run.wait().state == "failed"
    log = run.stack.rest.log(DAG, run.id, "end", MOST_ATTEMPTS + 1)
    assert any("Metaflow keeps only 6 attempts" in line for line in log)
    assert run.attempts()["end"] == [MOST_ATTEMPTS - 1]


def create_backfill(stack, body):
    """Create a backfill; retry while Airflow refuses because SQLite is locked."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return BackfillApi(stack.rest.client).create_backfill(body)
        except ServiceException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def test_each_run_of_a_backfill_is_a_metaflow_run(stack):
    target = stack.dags_folder / "backfilled.py"
    done = run_flow(
        stack.env, FLOWS / "scheduled.py", "airflow", "--name", "backfilled", "create", str(target)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    stack.wait_for_dag("backfilled")
    days = {"from_date": datetime(2026, 10, 5, tzinfo=UTC), "to_date": datetime(2026, 10, 7, tzinfo=UTC)}
    create_backfill(stack, BackfillPostBody(dag_id="backfilled", **days))
    runs = DagRunApi(stack.rest.client).get_dag_runs("backfilled", run_type=["backfill"]).dag_runs
    assert len(runs) == 2
    found = [finish_run(stack, "backfilled", run.dag_run_id, "Scheduled_Flow")[1] for run in runs]
    assert [len(tasks) for run in found for tasks in run["steps"].values()] == [1] * 8
