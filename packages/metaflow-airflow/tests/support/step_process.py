"""Runs steps as their runner does, in a process of their own, but without Airflow or S3."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import (
    LAUNCHER,
    RESULT_VARIABLE,
    TASK_VARIABLE,
    StepTask,
)


@dataclass(frozen=True)
class EndedStep:
    """How a step's process ended: its exit code, its output, and the result that it left."""

    code: int
    stdout: str
    stderr: str
    result: str


class StepRunner:
    """Runs the steps of one flow, on Metaflow's local datastore below `folder`."""

    def __init__(self, file: Path, flow: str, folder: Path) -> None:
        self.file, self.flow, self.folder = file, flow, folder
        self.env = os.environ | {
            "METAFLOW_DEFAULT_DATASTORE": "local",
            "METAFLOW_DEFAULT_METADATA": "local",
            "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(folder),
            "METAFLOW_USER": "tester",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONUNBUFFERED": "1",
        }

    def step(self, step: str, *inputs: str, code: int | None = None, **more: Any) -> EndedStep:
        """Run a step as a task with the step's name; the first one has no inputs."""
        values = {"task_id": step, "attempt": 0, "user_code_retries": 0} | more
        if not inputs:
            values.setdefault("parameters", {})
        task = StepTask(
            flow=self.flow, file=self.file.name, step=step, run_id="airflow-1", inputs=inputs, **values
        )
        result = self.folder / "result.json"
        result.write_text("left by an earlier task")
        done = subprocess.run(
            [sys.executable, "-m", LAUNCHER],
            cwd=self.file.parent,
            env=self.env | {TASK_VARIABLE: task.to_json(), RESULT_VARIABLE: str(result)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        ended = EndedStep(done.returncode, done.stdout, done.stderr, result.read_text())
        assert code is None or ended.code == code, ended
        return ended

    def without_airflow(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `python FILE ARGUMENTS`."""
        command = [sys.executable, str(self.file), "--no-pylint", *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120)
