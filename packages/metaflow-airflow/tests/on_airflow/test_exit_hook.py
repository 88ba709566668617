"""Exit hooks are called when a run has succeeded or failed, and do not affect its state."""

import pytest
from engine_support import FLOWS, compile_flow, run_flow
from metaflow_airflow.run_ids import metaflow_run_id

# By the place where the flow fails: the states of its DAG run and of the hooks' task.
OUTCOMES = {
    "number": ("failed", "failed"),
    "nowhere": ("success", "success"),
    "hook": ("success", "failed"),
    "join": ("failed", "failed"),
}


@pytest.fixture(scope="module")
def runs(stack):
    """By the place where the flow fails: the DAG run, its tasks by id, and the hooks' log."""
    compile_flow(stack.env, FLOWS / "exit_hooks.py", stack.dags_folder / "exit_hooks.py")
    stack.wait_for_dag("ExitHooksFlow")
    started = {place: stack.rest.trigger("ExitHooksFlow", {"failing": place}) for place in OUTCOMES}
    found = {}
    for place, run_id in started.items():
        run = stack.rest.wait("ExitHooksFlow", run_id)
        tasks = {
            (task.task_id, task.map_index): task for task in stack.rest.task_instances(run.dag_id, run_id)
        }
        log = stack.rest.log(run.dag_id, run_id, "exit_hook", 1)
        found[place] = run, tasks, "\n".join(log)
    return found


@pytest.mark.parametrize("place", OUTCOMES)
def test_the_state_of_the_run_does_not_depend_on_the_hooks(place, runs):
    run, tasks, _ = runs[place]
    assert (run.state, tasks["exit_hook", -1].state) == OUTCOMES[place]


def test_success_hooks_are_called_with_the_run_if_they_take_one(runs):
    run, _, log = runs["nowhere"]
    name = f"ExitHooksFlow/{metaflow_run_id(run.dag_id, run.dag_run_id, run.run_after)}"
    assert f"Hook: {name} succeeded: True" in log
    assert "Hook: next to exit_hooks.py" in log
    assert "failed" not in log


@pytest.mark.parametrize("place", ["join", "number"])
def test_all_error_hooks_are_called_although_one_fails(place, runs):
    run, _, log = runs[place]
    run_id = metaflow_run_id(run.dag_id, run.dag_run_id, run.run_after)
    assert "RuntimeError: This hook fails." in log
    assert f"Hook: ExitHooksFlow/{run_id} failed: True" in log
    assert f"An exit hook of ExitHooksFlow/{run_id} failed (exit code 1)" in log
    assert "succeeded" not in log


def test_a_failing_hook_does_not_prevent_the_next_one(runs):
    _, _, log = runs["hook"]
    assert "This hook fails, too." in log
    assert "Hook: next to exit_hooks.py" in log


def test_hooks_wait_for_branches_that_are_still_running(runs):
    _, tasks, _ = runs["number"]
    ended = [tasks[key].end_date for key in [("each_number.number", 1), ("slow", -1)]]
    assert max(ended) <= tasks["exit_hook", -1].start_date


ONLY_ERROR = """
from metaflow import FlowSpec, exit_hook, step

def notify():
    print("Hook")

@exit_hook(on_error=[notify]{more})
class OnlyErrorFlow(FlowSpec):
    @step(start=True, end=True)
    def exit_hook(self):
        pass

if __name__ == "__main__":
    OnlyErrorFlow()
"""


def test_the_task_is_skipped_without_a_hook_for_the_outcome(stack, tmp_path):
    flow = tmp_path / "only_error.py"
    flow.write_text(ONLY_ERROR.format(more=""))
    compile_flow(stack.env, flow, stack.dags_folder / "only_error.py")
    stack.wait_for_dag("OnlyErrorFlow")
    run = stack.rest.run("OnlyErrorFlow")
    states = {task.task_id: task.state for task in stack.rest.task_instances(run.dag_id, run.dag_run_id)}
    assert (run.state, states) == ("success", {"exit_hook": "success", "exit_hook_": "skipped"})


def test_options_of_other_schedulers_are_rejected(stack, tmp_path):
    flow = tmp_path / "options.py"
    flow.write_text(ONLY_ERROR.format(more=', options={"image": "mine"}'))
    done = run_flow(stack.env, flow, "airflow", "create", str(tmp_path / "dag.py"))
    assert done.returncode == 1
    assert "@exit_hook(options={'image': …}) has no counterpart in Airflow" in done.stderr
