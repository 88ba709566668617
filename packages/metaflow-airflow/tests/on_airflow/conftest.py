"""A flow that waits, deployed for the tests of commands, and the commands that act on it."""

import pytest
from engine_support import WAITING, run_flow


@pytest.fixture(scope="module")
def env(stack):
    """The stack's environment, with the folder of the tests as Airflow's DAGs folder."""
    return stack.env | {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder)}


@pytest.fixture(scope="module")
def waiting(env):
    """`waiting(command, *arguments)` runs a command of WaitingFlow, deployed, and returns what it printed."""

    def run(*arguments, code=0, **more):
        done = run_flow(env | more, WAITING, "--quiet", "airflow", *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr if code else done.stdout

    run("create")
    return run
