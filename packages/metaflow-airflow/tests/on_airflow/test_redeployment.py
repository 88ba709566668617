"""A run keeps the version of the flow that it started with, unless somebody asks for the latest one."""

import pytest
from engine_support import start_run
from redeployment import DAG, Redeployment, described


@pytest.fixture(scope="module")
def redeployment(stack, tmp_path_factory):
    """A run of version one that has ended, after which version two was deployed."""
    found = Redeployment(stack, tmp_path_factory.mktemp("redeployed"))
    found.deploy("one")
    found.run_id = start_run(stack, DAG)
    assert stack.rest.wait(DAG, found.run_id).state == "success"
    found.deploy("two")
    return found


@pytest.mark.parametrize("task_ids", [("end",), ("start",), ("start", "end")])
def test_tasks_that_run_after_a_redeployment_keep_the_runs_version(task_ids, redeployment):
    assert redeployment.clear(*task_ids).state == "success"
    assert redeployment.seen() == {"start": described("one"), "end": described("one")}
    for task in redeployment.stack.rest.task_instances(DAG, redeployment.run_id):
        if task.task_id in task_ids:
            log = redeployment.stack.rest.log(DAG, redeployment.run_id, task.task_id, task.try_number)
            assert any("The run keeps the version that it started with" in line for line in log)


def test_the_latest_version_runs_if_somebody_asks_for_it(redeployment):
    with redeployment.asking_for_the_latest_version():
        assert redeployment.clear("end").state == "success"
    # Parameters, and so included files, are those of the run.
    code, _, *others = described("two")
    assert redeployment.seen() == {"start": described("one"), "end": [code, "one", *others]}


def test_another_graph_is_one_message(redeployment):
    redeployment.deploy("three", added_step=True)
    redeployment.stack.wait_for_dag(DAG)
    assert redeployment.clear("end").state == "failed"
    stack, run_id = redeployment.stack, redeployment.run_id
    (failed,) = [task for task in stack.rest.task_instances(DAG, run_id) if task.state == "failed"]
    log = "\n".join(stack.rest.log(DAG, run_id, failed.task_id, failed.try_number))
    assert "was deployed with another graph after this run had started" in log
    assert "Traceback" not in log
