"""The `airflow` commands of a flow do their work on a running Airflow, or report why not in one message."""

import json
import re
from pathlib import Path

import pytest
from airflow_client.client.api.dag_run_api import DagRunApi
from engine_support import FLOWS, WAITING, read_run, run_flow, wait_until
from metaflow_airflow.run_ids import metaflow_run_id

SECONDS_TO_END = 120
JSON = ('"a text"', "[1, 2]", "3", "true")


def trigger(waiting, tmp_path, *arguments, **more):
    """Trigger a run and return its Metaflow run id."""
    waiting("trigger", "--run-id-file", str(tmp_path / "id"), *arguments, **more)
    return (tmp_path / "id").read_text()


def wait_until_ended(stack, run_id, dag_id="WaitingFlow"):
    """Return the final state of a Metaflow run's DAG run; polling with a command would be slow."""
    runs = DagRunApi(stack.rest.client).get_dag_runs(dag_id, order_by=["-run_after"]).dag_runs
    (dag_run_id,) = [
        run.dag_run_id for run in runs if metaflow_run_id(dag_id, run.dag_run_id, run.run_after) == run_id
    ]
    return stack.rest.wait(dag_id, dag_run_id, SECONDS_TO_END).state


def is_alive(pid):
    """Return whether a process is running; a zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def test_a_run_is_triggered_with_its_parameters_and_followed(waiting, env, stack, tmp_path):
    structure = json.dumps({"$(id)": ['"quoted"', "{{ 1 }}", None]})
    run_id = trigger(waiting, tmp_path, "--seconds", "0.5", "--options", structure)
    assert wait_until_ended(stack, run_id) == "success"
    assert waiting("status", run_id).strip() == "Succeeded"
    artifacts = read_run(env, f"WaitingFlow/{run_id}")["steps"]["start"][0]["artifacts"]
    assert artifacts["seconds"] == 0.5
    assert artifacts["options"] == json.loads(structure)
    (line,) = [line for line in waiting("list-runs").splitlines() if run_id in line]
    assert line.split()[1] == "Succeeded"


@pytest.fixture(scope="module")
def json_runs(waiting, tmp_path_factory):
    """By JSON value, the id of a run that was given it; all are started before the first is waited for."""
    folder = tmp_path_factory.mktemp("json")
    return {text: trigger(waiting, folder, "--options", text) for text in JSON}


@pytest.mark.parametrize("text", JSON)
def test_json_of_every_type_reaches_the_run(text, json_runs, env, stack):
    assert wait_until_ended(stack, json_runs[text]) == "success"
    artifacts = read_run(env, f"WaitingFlow/{json_runs[text]}")["steps"]["start"][0]["artifacts"]
    assert artifacts["options"] == json.loads(text)


def test_parameters_can_be_given_in_the_environment(waiting, env, stack, tmp_path):
    variables = {"SECONDS": "0.5", "PID_FILE": "from the environment", "OPTIONS": "[1]"}
    named = {f"METAFLOW_AIRFLOW_TRIGGER_{name}": value for name, value in variables.items()}
    run_id = trigger(waiting, tmp_path, "--pid-file", str(tmp_path / "pid"), **named)
    assert wait_until_ended(stack, run_id) == "success"
    artifacts = read_run(env, f"WaitingFlow/{run_id}")["steps"]["start"][0]["artifacts"]
    assert (artifacts["seconds"], artifacts["options"]) == (0.5, [1])
    assert artifacts["pid_file"] == str(tmp_path / "pid")  # options override environment variables


def test_defaults_are_those_of_the_deployed_version(env, stack, tmp_path):
    flow = tmp_path / "flow.py"
    text = WAITING.read_text().replace("WaitingFlow", "OlderFlow")
    flow.write_text(text.replace("default=0.0", "default=0.25"))
    assert run_flow(env, flow, "airflow", "create").returncode == 0
    flow.write_text(text)
    id_file = tmp_path / "id"
    done = run_flow(env, flow, "airflow", "trigger", "--run-id-file", str(id_file))
    assert done.returncode == 0
    (address,) = re.findall(r"See the run at (\S+)", done.stdout + done.stderr)
    assert address.startswith(f"{env['METAFLOW_AIRFLOW_API_URL']}/dags/OlderFlow/runs/manual__")
    run_id = id_file.read_text()
    assert wait_until_ended(stack, run_id, "OlderFlow") == "success"
    assert read_run(env, f"OlderFlow/{run_id}")["steps"]["start"][0]["artifacts"]["seconds"] == 0.25


def test_trigger_runs_the_version_that_was_just_written(env, stack, tmp_path):
    flow, id_file = tmp_path / "flow.py", tmp_path / "id"
    text = WAITING.read_text().replace("WaitingFlow", "ChangingFlow")
    for version in (1, 2, 3):
        flow.write_text(text.replace("self.version = 1", f"self.version = {version}"))
        # Not named after the DAG: the file is found by its content.
        done = run_flow(env, flow, "airflow", "create", str(stack.dags_folder / "by_another_name.py"))
        assert done.returncode == 0, done.stderr
        done = run_flow(env, flow, "airflow", "trigger", "--run-id-file", str(id_file))
        assert done.returncode == 0, done.stderr
        run_id = id_file.read_text()
        assert wait_until_ended(stack, run_id, "ChangingFlow") == "success"
        end = read_run(env, f"ChangingFlow/{run_id}")["steps"]["end"][0]
        assert end["artifacts"]["version"] == version


def test_terminate_ends_the_run_and_its_process(waiting, stack, tmp_path):
    pid_file = tmp_path / "pid"
    run_id = trigger(waiting, tmp_path, "--seconds", "600", "--pid-file", str(pid_file))
    pid = int(wait_until(lambda: pid_file.exists() and pid_file.read_text()))
    assert waiting("status", run_id).strip() == "Running"
    assert is_alive(pid)
    waiting("terminate", run_id)
    assert wait_until_ended(stack, run_id) == "failed"
    assert waiting("status", run_id).strip() == "Failed"
    wait_until(lambda: not is_alive(pid))
    assert "has already ended: Failed" in waiting("terminate", run_id, code=1)


def test_a_paused_dag_is_not_triggered(env, stack, tmp_path):
    flow = tmp_path / "paused.py"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "PausedFlow"))
    assert run_flow(env, flow, "airflow", "create", "--is-paused-upon-creation").returncode == 0
    done = run_flow(env, flow, "airflow", "trigger")
    assert done.returncode == 1
    assert "The DAG 'PausedFlow' is paused" in done.stderr
    listed = run_flow(env, flow, "--quiet", "airflow", "list-runs")
    assert (listed.returncode, listed.stdout) == (0, "")


def test_an_import_error_in_airflow_is_reported(env, stack, tmp_path):
    flow = tmp_path / "broken.py"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "BrokenFlow"))
    compiled = tmp_path / "compiled.py"
    assert run_flow(env, flow, "airflow", "create", str(compiled)).returncode == 0
    file = stack.dags_folder / "BrokenFlow.py"  # written in one go: Airflow never sees it intact
    file.write_text(compiled.read_text() + "\nno_such_name\n")
    done = run_flow(env, flow, "airflow", "trigger")
    file.unlink()
    assert done.returncode == 1
    assert "NameError: name 'no_such_name' is not defined" in done.stderr
    assert "Traceback" not in done.stderr


def test_delete_removes_the_file_and_the_dag_once_its_runs_have_ended(env, stack, tmp_path):
    flow, id_file = tmp_path / "deleted.py", tmp_path / "id"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "DeletedFlow"))

    def airflow(*arguments, code=0):
        done = run_flow(env, flow, "airflow", *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    airflow("create", "--new-token", "taxis")
    airflow("trigger", "--run-id-file", str(id_file), "--seconds", "600")
    assert "needs its production token" in airflow("delete", "--authorize", "wrong", code=1)
    assert "are not finished" in airflow("delete", code=1)
    airflow("terminate", id_file.read_text())
    airflow("delete")
    assert not (stack.dags_folder / "DeletedFlow.py").exists()
    assert not stack.rest.is_served("DeletedFlow")
    assert "There is no DAG 'DeletedFlow'" in airflow("delete", code=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "airflow-0"], "has no run 'airflow-0'"),
        (["terminate", "airflow-0"], "has no run 'airflow-0'"),
        (["status", "argo-x"], "start with 'airflow-'"),
        (["terminate", "17"], "start with 'airflow-'"),
        (["trigger", "--seconds", "soon"], "soon is not a valid floating point value"),
        (["trigger", "--options", "{"], "is not a valid JSON object"),
        (["trigger", "--no-such", "1"], "no such option: --no-such"),
        (["trigger", "--run-id-file", "no/such/directory/id"], "cannot be written"),
        (["create", "--max-workers", "0"], "0 is less than 1"),
    ],
)
def test_a_wrong_value_is_rejected_with_one_message(arguments, message, waiting):
    code = 2 if arguments[0] in ("trigger", "create") and "file" not in arguments[1] else 1
    assert message in waiting(*arguments, code=code)


@pytest.mark.parametrize("command", ["trigger", "list-runs", "status", "terminate", "delete"])
def test_an_unknown_dag_is_reported_in_one_message(command, env, tmp_path):
    flow = tmp_path / "unknown.py"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "UnknownFlow"))
    run_id = ["airflow-0"] if command in ("status", "terminate") else []
    done = run_flow(env, flow, "airflow", command, *run_id)
    assert done.returncode == 1
    assert "DAG 'UnknownFlow'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["trigger", "terminate", "delete"])
def test_the_dag_of_another_flow_is_left_alone(command, waiting, env):
    run_id = ["airflow-0"] if command == "terminate" else []
    done = run_flow(env, FLOWS / "linear.py", "airflow", "--name", "WaitingFlow", command, *run_id)
    assert done.returncode == 1
    assert "not the flow LinearFlow" in done.stderr
    waiting("list-runs")
