"""Compares the duration of runs on Airflow, with the local runner, and with `python flow.py run`."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.support.running_stack import RunningStack, running_stack

FLOWS = Path(__file__).parent / "flows"


def main() -> int:
    """Print both durations and their ratio, for a chain of steps and for a wide foreach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=100, help="number of tasks in the foreach")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_stack(Path(name)) as stack:
        compare(stack, "chain", "ChainFlow", {})
        compare(stack, "wide", "WideFlow", {"width": options.width})
    return 0


def compare(stack: RunningStack, file: str, dag_id: str, parameters: dict[str, Any]) -> None:
    """Run a flow both ways and print the ratio; a first run unpacks the code and starts workers."""
    flow(stack, file, "airflow", "create", str(stack.dags_folder / f"{file}.py"))
    stack.wait_for_dag(dag_id)
    run_on_airflow(stack, dag_id, dict.fromkeys(parameters, 1))
    on_airflow = run_on_airflow(stack, dag_id, parameters)
    plain = flow(stack, file, "run", "--max-workers", str(2 * (os.cpu_count() or 1)), *as_options(parameters))
    print(
        f"{dag_id} {parameters or ''}: {on_airflow:.1f} s on Airflow, {plain:.1f} s with `run`; "
        f"ratio {on_airflow / plain:.2f}"
    )


def run_on_airflow(stack: RunningStack, dag_id: str, parameters: dict[str, Any]) -> float:
    """Run the DAG and return the seconds between its trigger and its end."""
    begin = time.time()
    run = stack.rest.run(dag_id, parameters, timeout=1200)
    if run.state != "success" or run.end_date is None:
        raise SystemExit(f"{dag_id} did not succeed: {run.state}")
    return run.end_date.timestamp() - begin


def flow(stack: RunningStack, file: str, *arguments: str) -> float:
    """Run a command of the flow as a user does and return the seconds that it took."""
    begin = time.time()
    command = [sys.executable, str(FLOWS / f"{file}.py"), "--no-pylint", "--quiet", *arguments]
    done = subprocess.run(command, env=stack.env, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.time() - begin


def as_options(parameters: dict[str, Any]) -> list[str]:
    """Return parameters as options of Metaflow's command line."""
    return [f"--{name}={value}" for name, value in parameters.items()]


if __name__ == "__main__":
    raise SystemExit(main())
