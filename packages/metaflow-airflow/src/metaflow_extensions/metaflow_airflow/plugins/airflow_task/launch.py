"""Runs the Metaflow task that the operator described in this process's environment variables.

Metaflow is imported once; the step then runs in a fork of this process. Its output is forwarded to Airflow,
and saved as Metaflow's log of the task at the end.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    LIFELINE_VARIABLE,
    PARAMETERS_STEP,
    PARAMETERS_TASK,
    RESULT_VARIABLE,
    TASK_VARIABLE,
    StepResult,
    StepTask,
    identity_variables,
    init_arguments,
    iteration_task_id,
    step_arguments,
)
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.log_lines import opening_lines


def main() -> int:
    """Run the task and return the exit code of its step.

    A step that chooses itself runs again, each time as another task, until it continues to another step.
    """
    first = task = read_task()
    os.environ.update(identity_variables(task))
    load_metaflow()
    lifeline = os.environ.pop(LIFELINE_VARIABLE, None)
    pipe = None if lifeline is None else int(lifeline)
    if task.hooks:
        return call_hooks(task, pipe)
    code, iteration = run_task(task, pipe), 0
    while not code and chose_itself(task):
        iteration += 1
        task = replace(
            first,
            task_id=iteration_task_id(first.task_id, iteration),
            inputs=(f"{task.step}/{task.task_id}",),
            split_index=None,
            parameters=None,
        )
        code = run_task(task, pipe)
    return code


def load_metaflow() -> None:
    """Import Metaflow and create its datastore's client before forking, so that the forks share both.

    This process itself sends no request to the datastore, because forks cannot share connections.
    """
    gc.disable()  # imports create no garbage, and looking for it takes a tenth of their time
    import metaflow.cli
    import metaflow.task
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import (
        default_datastore,
        use_in_steps,
    )

    use_in_steps()
    storage, root = default_datastore()
    with suppress(Exception):  # the step will report a missing library or a wrong setting
        storage(root)
    # Forks must import this module again: at import, it takes the options of configs and flow decorators from
    # the flow that is being loaded. The modules that it imports stay loaded.
    del metaflow.cli, sys.modules["metaflow.cli"]
    gc.freeze()  # so that the forks do not look for garbage in them either
    gc.enable()


def run_task(task: StepTask, lifeline: int | None) -> int:
    """Run one Metaflow task and return the exit code of its step."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.forks import ForkRunner

    for line in opening_lines(task):
        print(line, flush=True)
    forks = ForkRunner(lifeline=lifeline)
    result_file().write_text("")
    code = forks.run(partial(run_step, task))
    if not code and not read_result().complete:
        code = forks.run(partial(sys.exit, ended_early(task)))
    logs = forks.logs()
    saved = ForkRunner(lifeline=lifeline).run(partial(save_logs, task, logs))
    return code or saved


def call_hooks(task: StepTask, lifeline: int | None) -> int:
    """Call the exit hooks of a run; return the exit code of the first one that failed, otherwise 0."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.forks import ForkRunner

    forks = ForkRunner(lifeline=lifeline)
    codes = [forks.run(partial(call_hook, task, hook)) for hook in task.hooks]
    return next((code for code in codes if code), 0)


def call_hook(task: StepTask, hook: str) -> None:
    """Call a function of the flow's code, passing the run if it takes one, as Metaflow does on Argo."""
    from metaflow.plugins.exit_hook import exit_hook_script

    path = Path(task.file).absolute()
    sys.path[0] = str(path.parent)
    exit_hook_script.main(str(path), hook, f"{task.flow}/{task.run_id}")


def chose_itself(task: StepTask) -> bool:
    """Return whether a finished step, a switch, chose itself as the next step."""
    return read_result().next == task.step


def read_result() -> StepResult:
    """Return what the step has left so far."""
    return StepResult.from_json(result_file().read_text())


def result_file() -> Path:
    """Return the file of the step's result."""
    return Path(os.environ[RESULT_VARIABLE])


def ended_early(task: StepTask) -> str:
    """Return the message about a step whose process ended with exit code 0, but without a result."""
    return (
        f"Step {task.step!r} ended before self.next: its process exited with code 0 before the step "
        "was finished. Look for sys.exit(), os._exit() or a function for the command line (click, argparse) "
        "that it calls."
    )


def read_task() -> StepTask:
    """Return the task that the operator described in this process's environment variables."""
    text = os.environ[TASK_VARIABLE]
    return StepTask.from_json(Path(text[1:]).read_text() if text.startswith("@") else text)


def run_step(task: StepTask) -> None:
    """Run the step's command, and before the flow's first step the one that records the run's parameters."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.program import run_before_command, run_flow

    if task.parameters is not None:
        run_before_command(partial(record_parameters, task))
    run_flow(task.file, step_arguments(task))


def record_parameters(task: StepTask, run_command: Callable[[], None]) -> None:
    """Record the parameters of the run, unless an earlier attempt of the first step has already done so."""
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.program import config_options

    store = task_datastore(task, PARAMETERS_STEP, PARAMETERS_TASK, attempt=0, mode="r")
    if not store.has_metadata(store.METADATA_DONE_SUFFIX):
        sys.argv[1:] = [*config_options(), *init_arguments(with_included_files(task))]
        run_command()


def with_included_files(task: StepTask) -> StepTask:
    """Return the task with the files included at compile time as values of their parameters."""
    from metaflow.includefile import CURRENT_UPLOADER
    from metaflow.metaflow_config import DEFAULT_DATASTORE
    from metaflow.plugins import DATACLIENTS

    values = dict(task.parameters or {})
    for name, file in task.included.items():
        if values.get(name) is None:
            client = next(candidate for candidate in DATACLIENTS if candidate.TYPE == DEFAULT_DATASTORE)
            url = f"{client.get_root_from_config(print)}/{file['path']}"
            how = {"is_text": True, "encoding": "utf-8", **file}
            del how["path"]
            values[name] = json.dumps(CURRENT_UPLOADER.encode_url("uploaded", url, **how))
    return replace(task, parameters=values)


def save_logs(task: StepTask, logs: dict[str, Path]) -> None:
    """Save the task's output where Metaflow's client and cards look for it."""
    from metaflow.mflog import TASK_LOG_SOURCE

    store = task_datastore(task, task.step, task.task_id, task.attempt, mode="w")
    store.save_logs(TASK_LOG_SOURCE, logs)


def task_datastore(task: StepTask, step: str, task_id: str, attempt: int, mode: str) -> Any:
    """Return Metaflow's datastore of a task of this run."""
    from metaflow.datastore import FlowDataStore
    from metaflow_extensions.metaflow_airflow.plugins.airflow_task.datastore import default_datastore

    storage, root = default_datastore()
    flow = FlowDataStore(task.flow, None, storage_impl=storage, ds_root=root)
    return flow.get_task_datastore(task.run_id, step, task_id, attempt, mode=mode, allow_not_done=True)
