"""Steps on the worker: changed code does not run, and no step outlives the Airflow task that runs it."""

import os
import shutil
import signal
import subprocess
import sys

import psutil
import pytest
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.models.patch_task_instance_body import PatchTaskInstanceBody
from airflow_client.client.models.task_instance_state import TaskInstanceState
from engine_support import FLOWS, compile_flow, finish_run, run_flow, start_run, wait_until

SLEEPER = '''
from metaflow import FlowSpec, step
import time


class SleeperFlow(FlowSpec):
    """Sleep for a long time in a child process that Airflow does not know."""

    @step
    def start(self):
        import subprocess
        subprocess.run(["sleep", "300"])
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SleeperFlow()
'''


def processes_with(stack, text):
    """Return the stack's processes whose command line contains the text."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("STACK_DIR") == stack.env["STACK_DIR"]
            if mine and text in " ".join(process.cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.fixture(scope="module")
def sleeper(stack, tmp_path_factory):
    flow = tmp_path_factory.mktemp("sleeper") / "sleeper.py"
    flow.write_text(SLEEPER)
    compile_flow(stack.env, flow, stack.dags_folder / "sleeper.py")
    stack.wait_for_dag("SleeperFlow")
    return stack


def test_a_step_ends_with_the_airflow_process_that_runs_it(sleeper):
    run_id = sleeper.rest.trigger("SleeperFlow")
    wait_until(lambda: processes_with(sleeper, "sleep 300"))
    launcher = next(p for p in processes_with(sleeper, "airflow_task") if "python" in p.name())
    os.kill(launcher.ppid(), signal.SIGKILL)  # the task's own process, a child of Airflow's supervisor
    wait_until(lambda: not processes_with(sleeper, "sleep 300"))
    assert sleeper.rest.wait("SleeperFlow", run_id, timeout=120).state == "failed"


def test_marking_a_task_failed_ends_its_step(sleeper):
    run_id = sleeper.rest.trigger("SleeperFlow")
    wait_until(lambda: processes_with(sleeper, "sleep 300"))
    failed = PatchTaskInstanceBody(new_state=TaskInstanceState.FAILED)
    TaskInstanceApi(sleeper.rest.client).patch_task_instance("SleeperFlow", run_id, "start", failed)
    wait_until(lambda: not processes_with(sleeper, "sleep 300"))


def test_a_changed_code_package_is_not_run(stack, tmp_path):
    target = stack.dags_folder / "tampered.py"
    # An extra file next to the flow makes another package, which no worker has unpacked yet.
    shutil.copytree(FLOWS, tmp_path / "flows")
    (tmp_path / "flows" / "extra.py").write_text(f"# {tmp_path}")
    done = run_flow(
        stack.env, tmp_path / "flows/linear.py", "airflow", "--name", "Tampered", "create", str(target)
    )
    assert done.returncode == 0, done.stderr
    package = target.read_text().split('package="')[1].split('"')[0]
    bucket, prefix = stack.env["METAFLOW_DATASTORE_SYSROOT_S3"].removeprefix("s3://").split("/", 1)
    genuine = stack.s3.get_object(Bucket=bucket, Key=f"{prefix}/{package}")["Body"].read()
    stack.s3.put_object(Bucket=bucket, Key=f"{prefix}/{package}", Body=genuine + b"\0")
    try:
        stack.wait_for_dag("Tampered")
        run = stack.rest.run("Tampered")
        log = "\n".join(stack.rest.log("Tampered", run.dag_run_id, "start", 1))
    finally:
        stack.s3.put_object(Bucket=bucket, Key=f"{prefix}/{package}", Body=genuine)
    assert run.state == "failed"
    assert "was changed after the flow was compiled" in log


def test_a_step_neither_changes_the_code_of_the_next_one_nor_gets_airflows_secrets(stack):
    compile_flow(stack.env, FLOWS / "vandal.py", stack.dags_folder / "vandal.py")
    _, run = finish_run(stack, "VandalFlow", start_run(stack, "VandalFlow"))
    (vandal,) = run["steps"]["start"]
    assert len(vandal["artifacts"]["damaged"]) == 4
    assert run["steps"]["end"]
    variables = vandal["artifacts"]["variables"]
    assert not [name for name in variables if name.startswith("AIRFLOW__")]
    assert {"AIRFLOW_CTX_DAG_ID", "METAFLOW_DEFAULT_DATASTORE", "AWS_SECRET_ACCESS_KEY"} <= set(variables)


def test_airflow_dags_test_runs_a_compiled_flow(stack):
    compile_flow(stack.env, FLOWS / "linear.py", stack.dags_folder / "linear.py")
    stack.wait_for_dag("LinearFlow")
    command = [sys.executable, "-m", "airflow", "dags", "test", "LinearFlow"]
    done = subprocess.run(command, env=stack.env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert stack.rest.latest_run("LinearFlow").state == "success"
