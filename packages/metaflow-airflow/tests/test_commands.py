"""The `airflow` commands of a flow do on a running Airflow what they say, or say why not in one sentence."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine_support import FLOWS, read_run, run_flow

from local.ports import free_ports

WAITING = FLOWS / "waiting.py"
SECONDS_TO_END = 120


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


def trigger(waiting, tmp_path, *arguments, **more):
    """Trigger a run and return its Metaflow run id."""
    waiting("trigger", "--run-id-file", str(tmp_path / "id"), *arguments, **more)
    return (tmp_path / "id").read_text()


def wait_until_ended(waiting, run_id):
    """Return the status that a run ends with."""
    deadline = time.monotonic() + SECONDS_TO_END
    while (status := waiting("status", run_id).strip()) in ("Pending", "Running"):
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
    return status


def until(condition):
    """Return what a condition becomes true with."""
    deadline = time.monotonic() + SECONDS_TO_END
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def is_alive(pid):
    """Return whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def test_create_without_a_file_writes_into_the_dags_folder(waiting, stack):
    assert "WaitingFlow" in (stack.dags_folder / "WaitingFlow.py").read_text()


def test_the_folder_is_metaflow_s_setting_or_else_airflow_s(env, tmp_path):
    (ours := tmp_path / "ours").mkdir()
    (airflow_s := tmp_path / "airflow's").mkdir()
    folders = {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(ours), "AIRFLOW__CORE__DAGS_FOLDER": str(airflow_s)}
    settings = env | folders
    assert run_flow(settings, FLOWS / "linear.py", "airflow", "create").returncode == 0
    assert [file.name for file in ours.iterdir()] == ["LinearFlow.py"]
    assert not list(airflow_s.iterdir())
    del settings["METAFLOW_AIRFLOW_DAGS_FOLDER"]
    assert run_flow(settings, FLOWS / "linear.py", "airflow", "create").returncode == 0
    assert [file.name for file in airflow_s.iterdir()] == ["LinearFlow.py"]


def test_the_folder_may_be_that_of_airflow_s_configuration_file(env, tmp_path):
    home = tmp_path / "airflow"
    (home / "dags").mkdir(parents=True)
    named = {"METAFLOW_AIRFLOW_DAGS_FOLDER", "AIRFLOW__CORE__DAGS_FOLDER"}
    airflow = {name: value for name, value in env.items() if name not in named}
    done = run_flow(airflow | {"AIRFLOW_HOME": str(home)}, FLOWS / "linear.py", "airflow", "create")
    assert done.returncode == 0, done.stderr
    assert [file.name for file in (home / "dags").iterdir()] == ["LinearFlow.py"]


def test_a_run_is_triggered_with_its_parameters_and_followed(waiting, env, tmp_path):
    structure = json.dumps({"$(id)": ['"quoted"', "{{ 1 }}", None]})
    run_id = trigger(waiting, tmp_path, "--seconds", "0.5", "--options", structure)
    assert wait_until_ended(waiting, run_id) == "Succeeded"
    artifacts = read_run(env, f"WaitingFlow/{run_id}")["steps"]["start"][0]["artifacts"]
    assert artifacts["seconds"] == 0.5
    assert artifacts["options"] == json.loads(structure)
    (line,) = [line for line in waiting("list-runs").splitlines() if run_id in line]
    assert line.split()[1] == "Succeeded"


@pytest.mark.parametrize("text", ['"a text"', "[1, 2]", "3", "true"])
def test_json_of_every_kind_arrives(text, waiting, env, tmp_path):
    run_id = trigger(waiting, tmp_path, "--options", text)
    assert wait_until_ended(waiting, run_id) == "Succeeded"
    artifacts = read_run(env, f"WaitingFlow/{run_id}")["steps"]["start"][0]["artifacts"]
    assert artifacts["options"] == json.loads(text)


def test_parameters_can_be_given_in_the_environment(waiting, env, tmp_path):
    variables = {"SECONDS": "0.5", "PID_FILE": "from the environment", "OPTIONS": "[1]"}
    named = {f"METAFLOW_AIRFLOW_TRIGGER_{name}": value for name, value in variables.items()}
    run_id = trigger(waiting, tmp_path, "--pid-file", str(tmp_path / "pid"), **named)
    assert wait_until_ended(waiting, run_id) == "Succeeded"
    artifacts = read_run(env, f"WaitingFlow/{run_id}")["steps"]["start"][0]["artifacts"]
    assert (artifacts["seconds"], artifacts["options"]) == (0.5, [1])
    assert artifacts["pid_file"] == str(tmp_path / "pid")  # what is written has priority


def test_what_is_not_given_is_left_to_the_deployed_version(env, stack, tmp_path):
    flow = tmp_path / "flow.py"
    text = WAITING.read_text().replace("WaitingFlow", "OlderFlow")
    flow.write_text(text.replace("default=0.0", "default=0.25"))
    assert run_flow(env, flow, "airflow", "create").returncode == 0
    flow.write_text(text)
    id_file = tmp_path / "id"
    assert run_flow(env, flow, "airflow", "trigger", "--run-id-file", str(id_file)).returncode == 0
    pathspec = f"OlderFlow/{id_file.read_text()}"
    until(lambda: "Succeeded" in run_flow(env, flow, "airflow", "status", id_file.read_text()).stdout)
    assert read_run(env, pathspec)["steps"]["start"][0]["artifacts"]["seconds"] == 0.25


def test_trigger_runs_the_version_that_was_just_written(env, stack, tmp_path):
    flow, id_file = tmp_path / "flow.py", tmp_path / "id"
    text = WAITING.read_text().replace("WaitingFlow", "ChangingFlow")
    for version in (1, 2, 3):
        flow.write_text(text.replace("self.version = 1", f"self.version = {version}"))
        # Under another name than the DAG's: it is found by what is in it.
        done = run_flow(env, flow, "airflow", "create", str(stack.dags_folder / "by_another_name.py"))
        assert done.returncode == 0, done.stderr
        done = run_flow(env, flow, "airflow", "trigger", "--run-id-file", str(id_file))
        assert done.returncode == 0, done.stderr
        run_id = id_file.read_text()
        until(lambda: "Succeeded" in run_flow(env, flow, "airflow", "status", run_id).stdout)  # noqa: B023
        end = read_run(env, f"ChangingFlow/{run_id}")["steps"]["end"][0]
        assert end["artifacts"]["version"] == version


def test_terminate_ends_the_run_and_its_process(waiting, tmp_path):
    pid_file = tmp_path / "pid"
    run_id = trigger(waiting, tmp_path, "--seconds", "600", "--pid-file", str(pid_file))
    pid = int(until(lambda: pid_file.exists() and pid_file.read_text()))
    assert waiting("status", run_id).strip() == "Running"
    assert is_alive(pid)
    waiting("terminate", run_id)
    assert wait_until_ended(waiting, run_id) == "Failed"
    until(lambda: not is_alive(pid))
    assert "has ended already: Failed" in waiting("terminate", run_id, code=1)


def test_a_paused_dag_is_not_triggered(env, stack, tmp_path):
    flow = tmp_path / "paused.py"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "PausedFlow"))
    assert run_flow(env, flow, "airflow", "create", "--is-paused-upon-creation").returncode == 0
    done = run_flow(env, flow, "airflow", "trigger")
    assert done.returncode == 1
    assert "The DAG 'PausedFlow' is paused" in done.stderr
    listed = run_flow(env, flow, "--quiet", "airflow", "list-runs")
    assert (listed.returncode, listed.stdout) == (0, "")


def test_a_file_that_airflow_cannot_import_is_told_with_airflow_s_reason(env, stack, tmp_path):
    flow = tmp_path / "broken.py"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "BrokenFlow"))
    assert run_flow(env, flow, "airflow", "create").returncode == 0
    file = stack.dags_folder / "BrokenFlow.py"
    file.write_text(file.read_text() + "\nno_such_name\n")
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
        (["status", "argo-x"], "begin with 'airflow-'"),
        (["terminate", "17"], "begin with 'airflow-'"),
        (["trigger", "--seconds", "soon"], "soon is not a valid floating point value"),
        (["trigger", "--options", "{"], "is not a valid JSON object"),
        (["trigger", "--no-such", "1"], "no such option: --no-such"),
        (["trigger", "--run-id-file", "no/such/directory/id"], "cannot be written"),
        (["create", "--max-workers", "0"], "0 is less than 1"),
    ],
)
def test_a_wrong_value_gets_one_sentence(arguments, message, waiting):
    code = 2 if arguments[0] in ("trigger", "create") and "file" not in arguments[1] else 1
    assert message in waiting(*arguments, code=code)


@pytest.mark.parametrize("command", ["trigger", "list-runs", "status", "terminate", "delete"])
def test_an_unknown_dag_gets_one_sentence(command, env, tmp_path):
    flow = tmp_path / "unknown.py"
    flow.write_text(WAITING.read_text().replace("WaitingFlow", "UnknownFlow"))
    run_id = ["airflow-0"] if command in ("status", "terminate") else []
    done = run_flow(env, flow, "airflow", command, *run_id)
    assert done.returncode == 1
    assert "DAG 'UnknownFlow'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["trigger", "terminate", "delete"])
def test_another_flow_s_dag_is_left_alone(command, waiting, env):
    run_id = ["airflow-0"] if command == "terminate" else []
    done = run_flow(env, FLOWS / "linear.py", "airflow", "--name", "WaitingFlow", command, *run_id)
    assert done.returncode == 1
    assert "not the flow LinearFlow" in done.stderr
    waiting("list-runs")


@pytest.mark.parametrize(
    ("url", "message"),
    [("http://127.0.0.1:9", "does not answer at http://127.0.0.1:9"), (None, "is not the API of Airflow 3")],
)
def test_what_is_not_airflow_gets_one_sentence(url, message, waiting, tmp_path):
    if url:
        assert message in waiting("list-runs", code=1, METAFLOW_AIRFLOW_API_URL=url)
        return
    (port,) = free_ports(1)
    (tmp_path / "api/v2/dags/WaitingFlow").mkdir(parents=True)
    (tmp_path / "api/v2/dags/WaitingFlow/details").write_text("<html>")
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        other = f"http://127.0.0.1:{port}"
        assert message in until(
            lambda: (
                "does not answer"
                not in (said := waiting("list-runs", code=1, METAFLOW_AIRFLOW_API_URL=other))
                and said
            )
        )
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def guarded(env, stack, tmp_path_factory):
    """The address of an API server on the same Airflow that wants a login."""
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "passwords.json").write_text(json.dumps({"ann": "her $(password)"}))
    settings = {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "ann:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [str(Path(sys.executable).with_name("airflow")), "api-server", "--host", "127.0.0.1"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "1"],
            env=env | settings,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        refused = {"METAFLOW_AIRFLOW_API_URL": url}
        until(
            lambda: (
                "does not answer"
                not in run_flow(env | refused, WAITING, "airflow", "status", "airflow-0").stderr
            )
        )
        yield url
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def test_a_user_logs_in_with_a_password(guarded, waiting, tmp_path):
    login = {"METAFLOW_AIRFLOW_USERNAME": "ann", "METAFLOW_AIRFLOW_PASSWORD": "her $(password)"}
    waiting("list-runs", METAFLOW_AIRFLOW_API_URL=guarded, **login)


def test_a_user_brings_a_token(guarded, waiting, env):
    get_token = (
        "import json, sys, urllib.request as r;"
        "body = json.dumps({'username': 'ann', 'password': 'her $(password)'}).encode();"
        "q = r.Request(sys.argv[1] + '/auth/token', body, {'Content-Type': 'application/json'});"
        "print(json.load(r.urlopen(q))['access_token'])"
    )
    done = subprocess.run([sys.executable, "-c", get_token, guarded], env=env, capture_output=True, text=True)
    token = {"METAFLOW_AIRFLOW_TOKEN": done.stdout.strip()}
    waiting("list-runs", METAFLOW_AIRFLOW_API_URL=guarded, **token)


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"METAFLOW_AIRFLOW_TOKEN": "wrong-token"},
        {"METAFLOW_AIRFLOW_USERNAME": "ann", "METAFLOW_AIRFLOW_PASSWORD": "wrong-password"},
    ],
    ids=["none", "token", "password"],
)
def test_a_wrong_login_gets_one_sentence_without_the_secret(login, guarded, waiting):
    said = waiting("list-runs", code=1, METAFLOW_AIRFLOW_API_URL=guarded, **login)
    assert "does not allow that to this login" in said
    assert "wrong-" not in said


def test_check_tells_what_differs_and_writes_nothing(env, tmp_path):
    flow, target = tmp_path / "flow.py", tmp_path / "dag.py"
    shutil.copyfile(FLOWS / "linear.py", flow)

    def create(*options):
        return run_flow(env, flow, "airflow", "create", str(target), *options)

    missing = create("--check")
    assert (missing.returncode, target.exists()) == (1, False)
    assert f"There is no {target}" in missing.stderr
    assert create().returncode == 0
    before = target.read_text()
    assert create("--check").returncode == 0
    assert create("--check", "--max-workers", "3").returncode == 1
    flow.write_text(flow.read_text() + "\n# changed code is another code package\n")
    changed = create("--check")
    assert changed.returncode == 1
    assert f"{target} is not what" in changed.stderr
    assert '-    package="LinearFlow/data/' in changed.stderr
    assert "Traceback" not in changed.stderr
    assert target.read_text() == before


def test_check_uploads_nothing(env, tmp_path, stack):
    flow, target = tmp_path / "flow.py", tmp_path / "dag.py"
    shutil.copyfile(FLOWS / "linear.py", flow)
    assert run_flow(env, flow, "airflow", "create", str(target)).returncode == 0
    flow.write_text(flow.read_text() + f"\n# {time.time()}\n")

    def packages():
        return {
            each["Key"]
            for page in stack.s3.get_paginator("list_objects_v2").paginate(
                Bucket="metaflow", Prefix="metaflow/LinearFlow/data/"
            )
            for each in page.get("Contents", [])
        }

    before = packages()
    assert run_flow(env, flow, "airflow", "create", str(target), "--check").returncode == 1
    assert packages() == before
