"""Run Metaflow's own `test/core` suite on Airflow: `make conformance METAFLOW=<checkout>`.

The suite generates a flow for each of its graphs and tests that fit together, compiles it with `airflow
create`, starts it with `airflow trigger` and compares what Metaflow's client reads. All of it runs on an
embedded stack of its own.
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
# What the suite itself leaves out for the schedulers that it knows: the same is left out here.
SIBLING = "argo-workflows"
# Metaflow's command line, which takes more of the processor than the run itself, and its client.
CHECKS = ("python3-cli", "python3-metadata")
# Parameters that tests give to `run` in METAFLOW_RUN_... from within their flows. What starts a run here is
# `airflow trigger`, and Metaflow reads a command's options from variables of the command's own name.
GIVEN_BY_TESTS = {"MYFILE_OVERRIDEN": "./override.txt", "NONDEFAULT_PARAM": "False"}
OUTCOME = re.compile(r"### (?P<combination>.+?) in context '.*?': (?P<outcome>success|failed) \[using")


def main() -> int:
    """Run the suite, print what failed and how many passed; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="a checkout of Metaflow, with test/core in it")
    parser.add_argument("--tests", default="", help="only these tests, separated by commas")
    parser.add_argument("--graphs", default="", help="only these graphs, separated by commas")
    parser.add_argument("--checks", default=",".join(CHECKS), help="how to read results: both unless given")
    parser.add_argument("--jobs", type=int, default=4, help="flows at a time")
    parser.add_argument("--log", type=Path, default=os.devnull, help="a file for all that the suite prints")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_stack(Path(name)) as stack:
        suite = Path(name) / "core"
        shutil.copytree(options.checkout / "test/core", suite)
        add_context(suite / "contexts.json", options.checks.split(","))
        environment = stack.env | {
            "METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder),
            "PYTHONUNBUFFERED": "1",
            "USER": os.environ.get("USER", "tester"),  # the suite cannot do without one
            "PYTHONPATH": os.pathsep.join([str(suite), stack.env.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "run_tests.py", "--inherit-env", f"--contexts={CONTEXT}"]
        command += [
            f"--tests={options.tests}",
            f"--graphs={options.graphs}",
            f"--num-parallel={options.jobs}",
        ]
        ended, output = run_and_show(command, suite, environment, options.log)
    return report(ended, output)


def add_context(file: Path, checks: list[str]) -> None:
    """Add to the suite's contexts the one that runs flows on Airflow and reads what they left by `checks`."""
    content = json.loads(file.read_text())
    sibling: dict[str, Any] = next(c for c in content["contexts"] if c.get("scheduler") == SIBLING)
    content["contexts"].append(
        {
            "name": CONTEXT,
            "scheduler": "airflow",
            "scheduler_timeout": 1800,  # `nested-foreach` has 58 tasks, and some flows run at once
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
    """Return what counts here of the environment of the suite's own context; the stack says the rest."""
    given = {
        name.removeprefix("METAFLOW_RUN_"): value
        for name, value in environment.items()
        if name.startswith("METAFLOW_RUN_")
    }
    parameters = {f"METAFLOW_AIRFLOW_TRIGGER_{name}": each for name, each in (GIVEN_BY_TESTS | given).items()}
    return {"METAFLOW_USER": environment["METAFLOW_USER"], **parameters}


def run_and_show(
    command: list[str], directory: Path, environment: dict[str, str], log: Path
) -> tuple[int, str]:
    """Run a command, its output going into `log`, and print what it says of each combination.

    Return its exit code and its output.
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


def report(ended: int, output: str) -> int:
    """Print the combinations that failed and the number of those that passed; return 1 if one failed."""
    outcomes = {found["combination"]: found["outcome"] for found in OUTCOME.finditer(output)}
    skipped = len(re.findall(r"### .+?: skipping resume test", output))
    failed = sorted(name for name, outcome in outcomes.items() if outcome == "failed")
    for name in failed:
        print(f"failed: {name}")
    passed = len(outcomes) - len(failed) - skipped
    if ended and not failed:
        print("The suite itself broke off:", *output.splitlines()[-20:], sep="\n")
    print(f"{passed} of {len(outcomes) - skipped} combinations passed; {skipped} that resume were not run")
    return 1 if ended or not passed else 0


if __name__ == "__main__":
    raise SystemExit(main())
