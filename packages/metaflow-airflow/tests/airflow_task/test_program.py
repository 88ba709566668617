"""A flow's file runs in a step's process as `python FILE` runs it: once, and with the same `__main__`."""

import pytest
from step_process import StepRunner

FLOW = '''"""The flow's own docstring."""

import json, os, sys
from metaflow import FlowSpec, Parameter, step

if __package__:
    from .helper import nothing

imported = ["json", "os", "sys", "FlowSpec", "Parameter", "step"]
names = [name for name in list(globals()) if name not in imported]
shown = {name: repr(globals()[name]).split(" object at ")[0].split(" (built-in)")[0] for name in names}
print("MAIN", json.dumps(shown, sort_keys=True), sys.modules["__main__"].__dict__ is globals())
print("module code in", os.getpid(), file=sys.stderr)


class MainFlow(FlowSpec):
    given = Parameter("given", default="default")
    number = Parameter("number", default=1)
    constant = ["a", "constant"]

    @step
    def start(self):
        print("step in", os.getpid(), file=sys.stderr)
        self.seen = [self.given, self.number, self.constant]
        self.next(self.end)

    @step
    def end(self):
        print("seen", self.seen)


if __name__ == "__main__":
    MainFlow()
'''


@pytest.fixture
def flow(tmp_path):
    file = tmp_path / "main.py"
    file.write_text(FLOW)
    return StepRunner(file, "MainFlow", tmp_path)


def shown(output):
    """Return what the module code printed about `__main__`; it must have run once."""
    (line,) = [line for line in output.splitlines() if line.startswith("MAIN")]
    return line


def test_main_is_the_same_as_in_a_script(flow):
    assert shown(flow.step("start", code=0).stdout) == shown(flow.without_airflow("show").stdout)


def test_module_code_runs_once_and_in_the_process_of_the_step(flow):
    for attempt in range(2):
        ended = flow.step("start", attempt=attempt, parameters={"given": "a value"}, code=0)
        module, step = ended.stderr.splitlines()
        assert module.split()[-1] == step.split()[-1]
    assert "seen ['a value', 1, ['a', 'constant']]" in flow.step("end", "start/start", code=0).stdout


@pytest.mark.parametrize(
    ("module_code", "number", "message"),
    [("import no_such_module", 1, "No module named"), ("", "many", "many is not a valid integer")],
)
def test_a_failure_before_the_first_step_fails_it(module_code, number, message, flow):
    flow.file.write_text(FLOW.replace("if __package__", f"{module_code}\nif __package__"))
    ended = flow.step("start", parameters={"number": number})
    assert ended.code, ended
    assert ended.result == ""
    assert message in ended.stderr
    assert "step in" not in ended.stderr
