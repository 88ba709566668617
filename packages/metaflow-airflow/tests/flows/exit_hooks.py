"""A flow with exit hooks."""

import time
from pathlib import Path

from metaflow import FlowSpec, Parameter, Run, current, exit_hook, step


def say_success(run):
    if run["start"].task.data.failing == "hook":
        raise RuntimeError("This hook fails, too.")
    print(f"Hook: {run.pathspec} succeeded: {run.successful}")


def say_error(run=None):
    print(f"Hook: {run.pathspec} failed: {not run.successful}")


def say_anyway():
    print(f"Hook: next to {Path(__file__).name}")


def number_has_failed():
    run = Run(f"{current.flow_name}/{current.run_id}")
    return "number" in run and any(task.metadata_dict.get("attempt_ok") == "False" for task in run["number"])


def fail():
    raise RuntimeError("This hook fails.")


@exit_hook(on_success=[say_success, "say_anyway"], on_error=[fail, say_error])
class ExitHooksFlow(FlowSpec):
    """Fail in the step that the parameter names.

    start -+- slow ----------------------+-> join -> end
           +- numbers[] -> number -> sum +
    """

    failing = Parameter("failing", default="nowhere")

    @step
    def start(self):
        self.next(self.slow, self.numbers)

    @step
    def slow(self):
        if self.failing == "number":
            while not number_has_failed():
                time.sleep(1)
            time.sleep(15)  # hooks that do not wait for this step would be called meanwhile
        self.slept = True
        self.next(self.join)

    @step
    def numbers(self):
        self.choices = [1, 2]
        self.next(self.number, foreach="choices")

    @step
    def number(self):
        if self.failing == "number" and self.input == 2:
            raise ValueError("Not this number.")
        self.next(self.sum)

    @step
    def sum(self, inputs):
        self.next(self.join)

    @step
    def join(self, inputs):
        if self.failing == "join":
            raise ValueError("Not this join.")
        self.next(self.end)

    @step
    def end(self):
        print("done")


if __name__ == "__main__":
    ExitHooksFlow()
