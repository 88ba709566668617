"""A step has succeeded once it continued to the next step, whatever the exit code of its process is."""

import pytest
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult
from step_process import StepRunner

FLOW = '''
import argparse, os, sys
from metaflow import FlowSpec, catch, current, parallel, step
from metaflow._vendor import click


@click.command()
def command():
    print("the command's output")


def end_process(how):
    match how:
        case "sys":
            sys.exit(0)
        case "os":
            os._exit(0)
        case "click":
            command([])
        case "argparse":
            argparse.ArgumentParser().parse_args(["--help"])
        case "exec":
            os.execvp("true", ["true"])


class EndsFlow(FlowSpec):
    """start -> split[] -> one[] -> join -> gang -> member[] -> gathered -> end"""

    @step
    def start(self):
        end_process(os.environ["HOW"])
        self.next(self.split)

    @step
    def split(self):
        self.items = ["a"]
        end_process(os.environ["HOW"])
        if os.environ["HOW"] == "return":
            return
        self.next(self.one, foreach="items")

    @step
    def one(self):
        self.got = self.input
        print("got", self.got)
        end_process(os.environ["HOW"])
        self.next(self.join)

    @step
    def join(self, inputs):
        end_process(os.environ["HOW"])
        self.next(self.gang)

    @step
    def gang(self):
        self.next(self.member, num_parallel=2)

    @parallel
    @step
    def member(self):
        if current.parallel.node_index == 1:
            end_process(os.environ["HOW"])
        self.next(self.gathered)

    @catch(var="problem")
    @step
    def gathered(self, inputs):
        if os.environ["HOW"] == "return":
            return
        self.next(self.end)

    @step
    def end(self):
        print("problem:", self.problem)
        end_process(os.environ["HOW"])


if __name__ == "__main__":
    EndsFlow()
'''
# By task, in the order in which they run, how its first attempts end; the last attempt succeeds.
TASKS = {
    "start": ["sys", "os", "click", "argparse"],
    "split": ["return"],
    "one-0": ["sys"],
    "join": ["click"],
    "gang": [],
    "member": ["os"],
    "gathered": [],
    "end": ["exec"],
}
INPUTS = {
    "start": [],
    "split": ["start/start"],
    "one": ["split/split"],
    "join": ["one/one-0"],
    "gang": ["join/join"],
    "member": ["gang/gang"],
    "gathered": ["member/member", "member/member_node_1"],
    "end": ["gathered/gathered"],
}
CASES = [(task, how) for task, ways in TASKS.items() for how in ways]


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """By task and by how it ended: what the step's process left; the way "" is a complete step."""
    file = tmp_path_factory.mktemp("ends") / "ends.py"
    file.write_text(FLOW)
    flow, found = StepRunner(file, "EndsFlow", file.parent), {}
    for task, ways in TASKS.items():
        step, _, index = task.partition("-")
        # The join with @catch succeeds although it returns early.
        for attempt, how in enumerate([*ways, "return" if step == "gathered" else ""]):
            flow.env["HOW"] = how
            found[task, how] = flow.step(
                step,
                *INPUTS[step],
                task_id=task,
                attempt=attempt,
                split_index=int(index) if index else None,
                parallel=step == "member",
            )
    return found


@pytest.mark.parametrize(("task", "how"), CASES)
def test_a_step_that_ends_its_process_before_self_next_has_failed(task, how, ended):
    found = ended[task, how]
    output = found.stdout + found.stderr
    assert (found.code, StepResult.from_json(found.result).complete) == (1, False), output
    assert output.count("ended before self.next") == 1, output
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("task", TASKS)
def test_a_complete_attempt_succeeds_after_those(task, ended):
    found = ended[task, "return" if task == "gathered" else ""]
    assert found.code == 0, found
    assert StepResult.from_json(found.result).complete


def test_catch_handles_a_step_that_returns_before_self_next(ended):
    assert "returned before it called self.next" in ended["end", ""].stdout


@pytest.mark.parametrize("how", ["sys", ""])
def test_a_task_in_a_foreach_leaves_its_name_whether_it_succeeds_or_fails(how, ended):
    assert StepResult.from_json(ended["one-0", how].result).name == "a"


@pytest.mark.parametrize("task", ["split", "join", "member", "end"])
def test_other_tasks_have_no_name(task, ended):
    assert StepResult.from_json(ended[task, ""].result).name is None


def test_the_log_begins_with_the_task_and_its_command_and_ends_with_what_it_saved(ended):
    first, second, *output, last = ended["one-0", ""].stdout.splitlines()
    assert first == "Metaflow task: EndsFlow/airflow-1/one/one-0 (attempt 1)"
    assert second.startswith("Command: python ends.py step one --run-id=airflow-1 --task-id=one-0 ")
    assert output == ["got a"]
    assert last == "Saved: got"


def test_a_step_that_fails_says_what_it_has_saved_as_far_as_it_has(ended):
    assert ended["one-0", "sys"].stdout.endswith("\nSaved: got\n")
    assert "Saved: " not in ended["start", "os"].stdout
