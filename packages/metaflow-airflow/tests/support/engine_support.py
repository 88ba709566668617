"""Shared by the engine's tests: the flows, compiling them as a user does, and reading a run's content."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from metaflow_airflow.run_ids import metaflow_run_id

from tests.support.running_stack import RunningStack

FLOWS = Path(__file__).parents[1] / "flows"
GOLDEN = Path(__file__).parents[1] / "golden"
WITHOUT_AIRFLOW = Path(__file__).parent / "without_airflow"
# Text that shells, templates and parsers would misinterpret.
HOSTILE = (
    'it\'s "quoted" $(id) `id` ${HOME}\nline {{ 1+1 }} {% x %} %s ünïcödé 🚕 --tag=evil \\ ' + "x" * 100_000
)
WAITING = FLOWS / "waiting.py"  # deployed for the tests of commands
# The flow's name by file name: one flow per graph shape.
SHAPES = {
    "linear": "LinearFlow",
    "split": "SplitFlow",
    "foreach": "ForeachFlow",
    "foreach_split": "ForeachSplitFlow",
    "nested_foreach": "NestedForeachFlow",
    "conditions": "ConditionsFlow",
    "conditions_foreach": "ConditionsForeachFlow",
    "recursion": "RecursionFlow",
    "gang": "GangFlow",
    "one_step": "OneStepFlow",
    "failures": "FailuresFlow",
    "parameters": "ParametersFlow",
    "scheduled": "Scheduled_Flow",
    "parameter_types": "ParameterTypesFlow",
    "included": "IncludedFlow",
    "configured": "ConfiguredFlow",
    "decorated": "DecoratedFlow",
    "pods": "PodsFlow",
    "events": "EventsFlow",
    "after_events": "AfterEventsFlow",
    "exit_hooks": "ExitHooksFlow",
}
# The flows that have a golden file. Sensors wait for what only their own test provides.
COMPILED = SHAPES | {"sensors": "SensorsFlow"}
# By shape, the parameters of its run.
PARAMETERS = {
    "parameters": {"needed": HOSTILE, "structure": {"$(id)": ["{{ 1 }}", None]}, "flag": True},
    "parameter_types": {"given": "4", "split_given": "$(id):`id`", "required_structure": [HOSTILE]},
}

# Prints the content of Metaflow runs as JSON: each run's tasks by step, and each task's artifacts.
READ_RUNS = """
import json, sys
from metaflow import Run, namespace
namespace(None)
def artifacts(task):
    found = {a.id: a.data for a in task.artifacts if not a.id.startswith("_")}
    # Of an exception that @catch kept, the type: its traceback contains paths of this machine.
    return {name: value.type if hasattr(value, "stacktrace") else value for name, value in found.items()}
def place(task):
    "Return a sort key of a task among those of its step: its foreach indices, and its iteration."
    return task.metadata_dict.get("foreach-execution-path", ""), task.index or 0, task.created_at
print(json.dumps([{
    "successful": run.successful,
    "steps": {step.id: [
        {"id": task.id, "index": task.index, "artifacts": artifacts(task), "attempt": task.current_attempt,
         "stdout": task.stdout, "metadata": task.metadata_dict}
        for task in sorted(step, key=place)] for step in run},
    "tags": sorted(run.tags),
} for run in map(Run, sys.argv[1:])], default=repr))
"""


def run_flow(
    env: dict[str, str], flow: Path, *arguments: str, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run `python FLOW ARGUMENTS` as a user does."""
    command = [sys.executable, str(flow), "--no-pylint", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=900, **options)


def compile_flow(env: dict[str, str], flow: Path, target: Path, *options: str, **more: Any) -> str:
    """Compile a flow as on a machine without Airflow, and return the DAG file's text.

    The tests that call this give the file to an Airflow or compare its text.
    """
    done = run_flow(without_airflow(env), flow, "airflow", "create", str(target), *options, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return target.read_text()


def without_airflow(env: dict[str, str]) -> dict[str, str]:
    """Return the variables for commands that run as on a machine without Airflow.

    With Airflow, `create` has it import the file before it is written, which takes longer than compiling.
    """
    path = os.pathsep.join(filter(None, [str(WITHOUT_AIRFLOW), env.get("PYTHONPATH")]))
    return {**env, "PYTHONPATH": path}


def without_package(text: str) -> str:
    """Return a DAG file's text without its code package, which depends on every file next to the flow."""
    return re.sub(r'(package="\w+/data/)[0-9a-f]{2}/[0-9a-f]{40}', r"\1…", text)


def changes_by_formatter(path: Path) -> str:
    """Return what `ruff format` would change in a file or directory, as a diff."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "--diff", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr  # 2: it could not read the file
    return done.stdout


def read_run(env: dict[str, str], pathspec: str) -> dict[str, Any]:
    """Return the content of a run, read with Metaflow's client."""
    return read_runs(env, [pathspec])[0]


def read_runs(env: dict[str, str], pathspecs: Sequence[str]) -> list[dict[str, Any]]:
    """Return the content of several runs; one process for all of them is much faster."""
    done = subprocess.run(
        [sys.executable, "-c", READ_RUNS, *pathspecs], env=env, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def without_pods(flow: Path, folder: Path) -> Path:
    """Return a copy of a flow whose `@kubernetes` does nothing; Metaflow's own scheduler would start pods."""
    nothing = "def kubernetes(f=None, **_):\n    return f or (lambda step: step)\n\n\nclass"
    copy = folder / flow.name
    copy.write_text(flow.read_text().replace("kubernetes, ", "").replace("class", nothing, 1))
    return copy


def content_without_airflow(
    env: dict[str, str], flow: Path, *parameters: str, name: str | None = None
) -> dict[str, Any]:
    """Run a flow with Metaflow's own scheduler and return the run's content; `name` is the flow's."""
    return read_run(environment_without_airflow(env), run_without_airflow(env, flow, *parameters, name=name))


def run_without_airflow(env: dict[str, str], flow: Path, *parameters: str, name: str | None = None) -> str:
    """Run a flow with Metaflow's own scheduler and return the run's pathspec; `name` is the flow's."""
    name = name or SHAPES[flow.stem]
    folder = Path(env["STACK_DIR"])
    id_file = folder / f"run-id-{name}"
    if flow.stem == "pods":
        flow = without_pods(flow, folder)
    done = run_flow(environment_without_airflow(env), flow, "run", "--run-id-file", str(id_file), *parameters)
    assert done.returncode == 0, done.stdout + done.stderr
    return f"{name}/{id_file.read_text()}"


def environment_without_airflow(env: dict[str, str]) -> dict[str, str]:
    """Return the variables for runs without Airflow, whose artifacts and metadata are in a directory.

    With S3, for which Metaflow starts extra processes, they would take three to four times the CPU time.
    """
    (plain := Path(env["STACK_DIR"]) / "plain").mkdir(exist_ok=True)
    return env | {
        "METAFLOW_DEFAULT_DATASTORE": "local",
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(plain),
    }


def start_run(stack: RunningStack, dag_id: str, parameters: dict[str, Any] | None = None) -> str:
    """Start a run of a DAG once Airflow serves it; return its id."""
    stack.wait_for_dag(dag_id)
    return stack.rest.trigger(dag_id, parameters or {})


def finish_run(
    stack: RunningStack, dag_id: str, dag_run_id: str, flow: str | None = None
) -> tuple[Any, dict[str, Any]]:
    """Return a DAG run once it has succeeded, and the content of its Metaflow run.

    `flow` is the flow's name if the DAG has another one.
    """
    dag_run = succeeded(stack, dag_id, dag_run_id)
    run_id = metaflow_run_id(dag_id, dag_run_id, dag_run.run_after)
    return dag_run, read_run(stack.env, f"{flow or dag_id}/{run_id}")


def succeeded(stack: RunningStack, dag_id: str, dag_run_id: str) -> Any:
    """Return a DAG run once it has succeeded; raise AssertionError with its tasks' logs if it fails."""
    dag_run = stack.rest.wait(dag_id, dag_run_id, timeout=1200)
    logs = [
        (
            task.task_id,
            task.map_index,
            task.state,
            stack.rest.log(dag_id, dag_run_id, task.task_id, task.try_number)[-30:],
        )
        for task in stack.rest.task_instances(dag_id, dag_run_id)
        if task.state not in ("success", "skipped")
    ]
    assert dag_run.state == "success", logs
    return dag_run


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Return the first true value of a condition; raise AssertionError if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"the condition was not met within {seconds} s"
        time.sleep(0.5)
    return found


def comparable(run: dict[str, Any]) -> dict[str, Any]:
    """Return a run's tasks by step with their artifacts, without what necessarily differs between runs."""
    return {
        step: [(task["index"], task["attempt"], task["artifacts"]) for task in tasks]
        for step, tasks in run["steps"].items()
    }
