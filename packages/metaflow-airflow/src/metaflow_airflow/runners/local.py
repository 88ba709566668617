"""Runs a step as a process on the Airflow worker."""

import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from airflow.sdk import BaseOperator, Context
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    LAUNCHER,
    LIFELINE_VARIABLE,
    RESULT_VARIABLE,
    TASK_VARIABLE,
    StepResult,
)

from metaflow_airflow.runners.code_package import UnpackedPackage, unpacked_package
from metaflow_airflow.runners.request import StepRequest
from metaflow_airflow.runners.results import read_result, step_failed
from metaflow_airflow.runners.scratch import scratch_directory
from metaflow_airflow.runners.task_name import show_task_name
from metaflow_airflow.runners.worker_environment import inherited_variables

ORPHAN_CHECK_SECONDS = 1.0
STOP_SECONDS = 10.0  # for a terminated step to save its logs


class LocalRunner:
    """Runs each step in a process group and a scratch directory of its own."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, request: StepRequest, operator: BaseOperator, context: Context) -> StepResult:
        """Run the task to its end and return its result.

        Raises:
            AirflowException: If the task failed, or Airflow's supervisor of this process has exited.
            AirflowFailException: If the task failed in a way that must not be retried.
        """
        with scratch_directory(request.task.step) as scratch:
            code = unpacked_package(request.package, work := scratch / "work")
            python = _python_of_step(request, code)
            description = scratch / "task.json"
            description.touch(mode=0o600)
            description.write_text(request.task.to_json())
            (temporary := scratch / "tmp").mkdir()
            environment = {**inherited_variables(), **request.env}
            (result := scratch / "result.json").touch()
            environment |= {
                **code.environment(environment),
                "METAFLOW_RUNTIME_NAME": "airflow",
                "METAFLOW_USER": "airflow",
                "PYTHONUNBUFFERED": "1",
                "TMPDIR": str(temporary),
                TASK_VARIABLE: f"@{description}",
                RESULT_VARIABLE: str(result),
            }
            try:
                exit_code = self._run_process(python, work, environment, operator)
            finally:
                left = result.read_text(errors="replace")
                show_task_name(context, left)
            if exit_code:
                step_failed(request.task, f"exit code {exit_code}", exit_code)
            return read_result(request.task, left)

    def resume(self, *args: Any) -> NoReturn:
        """Never called, because local steps do not defer."""
        raise AirflowFailException("A step that runs on the worker does not defer.")

    def stop(self) -> None:
        """Terminate the step's process group; kill it if it takes too long to save its logs."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _run_process(
        self, python: list[str], directory: Path, environment: dict[str, str], operator: BaseOperator
    ) -> int:
        lifeline, ours = os.pipe()
        process = self._process = subprocess.Popen(  # noqa: S603  (our own module, no shell)
            [*python, "-m", LAUNCHER],
            cwd=directory,
            env={**environment, LIFELINE_VARIABLE: str(lifeline)},
            pass_fds=[lifeline],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.close(lifeline)
        try:
            self._log_output(process, operator)
            return process.wait()
        finally:
            os.close(ours)
            self.stop()

    def _log_output(self, process: "subprocess.Popen[bytes]", operator: BaseOperator) -> None:
        assert process.stdout is not None  # noqa: S101  (opened with PIPE)
        descriptor, rest, parent = process.stdout.fileno(), b"", os.getppid()
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while True:
                if selector.select(ORPHAN_CHECK_SECONDS):
                    data = os.read(descriptor, 1 << 16)
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines if data else [rest]:
                        if line:
                            operator.log.info("%s", line.decode(errors="replace"))
                    if not data:
                        return
                elif os.getppid() != parent:
                    # Airflow will run this task again elsewhere, so it must not continue here.
                    raise AirflowException("The Airflow process that supervised this step has exited.")


def _python_of_step(request: StepRequest, code: UnpackedPackage) -> list[str]:
    """Return the command of the step's Python: the worker's own, unless the step has its own packages."""
    if not request.virtual_environment:
        return [sys.executable]
    from metaflow_airflow.runners.virtual_environment import python_with_packages

    return [str(python_with_packages(request, code)), "-s"]  # -s: without the packages in the user's home
