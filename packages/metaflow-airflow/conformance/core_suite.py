"""Run Metaflow's own `test/core` suite on Airflow: `make conformance METAFLOW=<checkout>`.

The suite generates a flow for each valid combination of a graph and a test. Each flow is compiled with
`airflow create` and started with `airflow trigger`; then the suite compares what Metaflow's client reads with
what it expects. Everything runs on an embedded stack of its own.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.running_stack import running_stack

CONTEXT = "python3-airflow"
# The tests that the suite disables for this scheduler are disabled for Airflow, too.
SIBLING = "argo-workflows"
# Metaflow's command line, which uses more CPU time than the run itself, and Metaflow's client.
CHECKS = ("python3-cli", "python3-metadata")
# Parameters that tests pass to `run` in METAFLOW_RUN_... variables. Here `airflow trigger` starts the runs,
# and Metaflow reads the options of a command from variables named after that command.
PARAMETERS_OF_TESTS = {"MYFILE_OVERRIDEN": "./override.txt", "NONDEFAULT_PARAM": "False"}
OUTCOME = re.compile(r"### (?P<combination>.+?) in context '.*?': (?P<outcome>success|failed) \[using")


def main() -> int:
    """Run the suite, print the failures and the number of passes; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="a checkout of Metaflow, with test/core in it")
    parser.add_argument("--tests", default="", help="only these tests, separated by commas")
    parser.add_argument("--graphs", default="", help="only these graphs, separated by commas")
    parser.add_argument("--checks", default=",".join(CHECKS), help="how to read results (default: both)")
    parser.add_argument("--jobs", type=int, default=4, help="flows to run at the same time")
    parser.add_argument("--log", type=Path, default=os.devnull, help="a file for the suite's output")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_stack(Path(name)) as stack:
        suite = Path(name) / "core"
        shutil.copytree(options.checkout / "test/core", suite)
        add_context(suite / "contexts.json", options.checks.split(","))
        environment = stack.env | {
            "METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder),
            "PYTHONUNBUFFERED": "1",
            "USER": os.environ.get("USER", "tester"),  # the suite requires one
            "PYTHONPATH": os.pathsep.join([str(suite), stack.env.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "run_tests.py", "--inherit-env", f"--contexts={CONTEXT}"]
        command += [
            f"--tests={options.tests}",
            f"--graphs={options.graphs}",
            f"--num-parallel={options.jobs}",
        ]
        exit_code, output = run_and_show(command, suite, environment, options.log)
    return report(exit_code, output)


def add_context(file: Path, checks: list[str]) -> None:
    """Add a context to the suite that runs flows on Airflow and reads their results with `checks`."""
    content = json.loads(file.read_text())
    sibling: dict[str, Any] = next(c for c in content["contexts"] if c.get("scheduler") == SIBLING)
    content["contexts"].append(
        {
            "name": CONTEXT,
            "scheduler": "airflow",
            "scheduler_timeout": 1800,  # `nested-foreach` has 58 tasks, and several flows run at once
            "python": sys.executable,
            "env": user_and_parameters(sibling["env"]),
            "top_options": [
                "--metadata=local",
                "--datastore=s3",
                "--no-pylint",
                "--quiet",
                "--event-logger=nullSidecarLogger",
            ],
            "run_options": [],
            "checks": checks,
            "disabled_tests": sibling["disabled_tests"],
            "executors": ["scheduler"],
        }
    )
    file.write_text(json.dumps(content))


def user_and_parameters(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables of the sibling context that apply here; the stack provides the others."""
    given = {
        name.removeprefix("METAFLOW_RUN_"): value
        for name, value in environment.items()
        if name.startswith("METAFLOW_RUN_")
    }
    given = PARAMETERS_OF_TESTS | given
    parameters = {f"METAFLOW_AIRFLOW_TRIGGER_{name}": value for name, value in given.items()}
    return {"METAFLOW_USER": environment["METAFLOW_USER"], **parameters}


def run_and_show(
    command: list[str], directory: Path, environment: dict[str, str], log: Path
) -> tuple[int, str]:
    """Run a command, write its output to `log` and print the outcome of each combination.

    Returns:
        Its exit code and its output.
    """
    lines = []
    with (
        log.open("w", buffering=1) as file,
        subprocess.Popen(  # noqa: S603 - the suite's own command
            command,
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            lines.append(line)
            file.write(line)
            if OUTCOME.search(line):
                print(line, end="", flush=True)
    return process.returncode, "".join(lines)


def report(exit_code: int, output: str) -> int:
    """Print the combinations that failed and the number that passed; return 1 if any failed."""
    outcomes = {found["combination"]: found["outcome"] for found in OUTCOME.finditer(output)}
    skipped = len(re.findall(r"### .+?: skipping resume test", output))
    failed = sorted(name for name, outcome in outcomes.items() if outcome == "failed")
    for name in failed:
        print(f"failed: {name}")
    passed = len(outcomes) - len(failed) - skipped
    if exit_code and not failed:
        print("The suite itself failed:", *output.splitlines()[-20:], sep="\n")
    print(f"{passed} of {len(outcomes) - skipped} combinations passed; {skipped} with resume were skipped")
    return 1 if exit_code or not passed else 0


if __name__ == "__main__":
    raise SystemExit(main())
