"""A step that ends before `self.next` fails on Airflow; a run's configuration sets parameters only."""

import pytest
from engine_support import compile_flow, finish_run, start_run

FLOW = """
import os, sys
from metaflow import FlowSpec, Parameter, catch, current, retry, step


class UnfinishedFlow(FlowSpec):
    always = Parameter("always", default=False)

    @retry(times=1, minutes_between_retries=0)
    @step
    def start(self):
        self.letters = ["a", "b"]
        if current.retry_count == 0 or self.always:
            sys.exit(0)
        self.next(self.one, foreach="letters")

    @catch(var="problem")
    @step
    def one(self):
        if self.input == "b":
            os._exit(0)
        self.got = self.input
        self.next(self.join)

    @step
    def join(self, inputs):
        self.got = [getattr(each, "got", str(each.problem)) for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    UnfinishedFlow()
"""
# What reached Metaflow's command as options, and the forged user.
FORGED = {"run-id": "airflow-0123456789abcdef", "tag": "user:eve", "metaflow.user": "eve"}


@pytest.fixture(scope="module")
def unfinished(stack, tmp_path_factory):
    flow = tmp_path_factory.mktemp("unfinished") / "unfinished.py"
    flow.write_text(FLOW)
    compile_flow(stack.env, flow, stack.dags_folder / "unfinished.py")
    runs = {
        always: start_run(stack, "UnfinishedFlow", {"always": always} | FORGED) for always in (True, False)
    }
    return stack, runs


def test_retry_and_catch_apply_to_it(unfinished):
    stack, runs = unfinished
    _, run = finish_run(stack, "UnfinishedFlow", runs[0])
    first, second = run["steps"]["join"][0]["artifacts"]["got"]
    assert first == "a"
    assert "Task execution kept failing" in second
    assert run["steps"]["start"][0]["attempt"] == 1


def test_only_parameters_of_a_runs_configuration_count_and_the_user_is_that_of_airflow(unfinished):
    stack, runs = unfinished
    dag_run, run = finish_run(stack, "UnfinishedFlow", runs[0])
    assert [tag for tag in run["tags"] if tag.startswith("user:")] == [f"user:{dag_run.triggering_user_name}"]
    log = "\n".join(stack.rest.log("UnfinishedFlow", runs[0], "start", 1))
    assert "is ignored: 'metaflow.user', 'run-id', 'tag'" in log


def test_without_them_the_run_fails_with_one_message(unfinished):
    stack, runs = unfinished
    assert stack.rest.wait("UnfinishedFlow", runs[1]).state == "failed"
    for number in (1, 2):
        log = "\n".join(stack.rest.log("UnfinishedFlow", runs[1], "start", number))
        assert log.count("Step 'start' ended before self.next") == 1
        assert "Traceback" not in log
