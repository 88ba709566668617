"""`airflow create`: where it writes what, its warning, and that `--check` neither writes nor uploads."""

import shutil
import time

import pytest
from engine_support import FLOWS, compile_flow, run_flow, without_airflow


@pytest.fixture
def project(tmp_path):
    """A project with a flow and a DAGs folder, which no setting names."""
    for folder in ("include", "dags/compiled"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copyfile(FLOWS / "linear.py", tmp_path / "include/linear_flow.py")
    return tmp_path


def create(s3, flow, *arguments, env=None, **options):
    env = env or without_airflow(s3.env)
    return run_flow(env, flow, "airflow", "create", *map(str, arguments), **options)


def objects(s3):
    """Return the keys of everything in Metaflow's datastore."""
    pages = s3.client.get_paginator("list_objects_v2").paginate(Bucket="metaflow")
    return {each["Key"] for page in pages for each in page.get("Contents", [])}


def test_the_dags_folder_is_that_of_metaflow_or_else_that_of_airflow(s3, tmp_path):
    (of_metaflow := tmp_path / "of metaflow").mkdir()
    (of_airflow := tmp_path / "of airflow").mkdir()
    both = {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(of_metaflow), "AIRFLOW__CORE__DAGS_FOLDER": str(of_airflow)}
    settings = without_airflow(s3.env) | both
    assert create(s3, FLOWS / "linear.py", env=settings).returncode == 0
    assert [file.name for file in of_metaflow.iterdir()] == ["LinearFlow.py"]
    assert not list(of_airflow.iterdir())
    del settings["METAFLOW_AIRFLOW_DAGS_FOLDER"]
    assert create(s3, FLOWS / "linear.py", env=settings).returncode == 0
    assert [file.name for file in of_airflow.iterdir()] == ["LinearFlow.py"]


def test_the_dags_folder_can_be_that_of_the_configuration_file_of_airflow(s3, tmp_path):
    home = tmp_path / "airflow"
    (home / "dags").mkdir(parents=True)
    named = {"METAFLOW_AIRFLOW_DAGS_FOLDER", "AIRFLOW__CORE__DAGS_FOLDER"}
    env = {name: value for name, value in s3.env.items() if name not in named}
    done = create(s3, FLOWS / "linear.py", env=env | {"AIRFLOW_HOME": str(home)})
    assert done.returncode == 0, done.stderr
    assert [file.name for file in (home / "dags").iterdir()] == ["LinearFlow.py"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("dags/compiled/x_dag.py", "dags/x_dag.py"), ("dags/x_dag.py", "dags/compiled/x_dag.py")],
)
def test_another_file_with_the_same_dag_is_named_in_one_message(first, second, project, s3):
    flow = project / "include/linear_flow.py"
    alone = create(s3, flow, project / first, cwd=project)
    assert "Warning" not in alone.stdout + alone.stderr
    both = create(s3, flow, project / second, cwd=project)
    assert both.returncode == 0
    (warning,) = [line for line in both.stderr.splitlines() if "Warning" in line]
    assert f"the DAG LinearFlow is also defined in {first}, and Airflow serves only one" in warning
    assert "Remove" in warning
    assert (project / second).exists()


def test_the_header_names_the_command_that_a_user_runs_in_the_project(project, s3):
    done = create(s3, "../include/linear_flow.py", "compiled/x_dag.py", cwd=project / "dags")
    assert done.returncode == 0, done.stderr
    text = (project / "dags/compiled/x_dag.py").read_text()
    assert "run `python include/linear_flow.py airflow create dags/compiled/x_dag.py`" in text


def test_check_shows_what_differs_and_writes_nothing(s3, project):
    flow, target = project / "include/linear_flow.py", project / "dags/x_dag.py"
    missing = create(s3, flow, target, "--check")
    assert (missing.returncode, target.exists()) == (1, False)
    assert f"There is no {target}" in missing.stderr
    assert create(s3, flow, target).returncode == 0
    before = target.read_text()
    assert create(s3, flow, target, "--check").returncode == 0
    assert create(s3, flow, target, "--check", "--max-workers", "3").returncode == 1
    flow.write_text(flow.read_text() + "\n# changed code is another code package\n")
    changed = create(s3, flow, target, "--check")
    assert changed.returncode == 1
    assert f"{target} is not what" in changed.stderr
    assert '-    package="LinearFlow/data/' in changed.stderr
    assert "Traceback" not in changed.stderr
    assert target.read_text() == before


def test_check_uploads_neither_code_nor_included_files(s3, project):
    flow, target = project / "include/included.py", project / "dags/x_dag.py"
    shutil.copyfile(FLOWS / "included.py", flow)
    shutil.copytree(FLOWS / "data", project / "include/data")
    assert create(s3, flow, target).returncode == 0
    assert create(s3, flow, target, "--check").returncode == 0  # with the same paths in the datastore
    flow.write_text(flow.read_text() + f"\n# {time.time()}\n")
    (project / "include/data/notes.txt").write_text(f"other notes, {time.time()}")
    before = objects(s3)
    changed = create(s3, flow, target, "--check")
    assert changed.returncode == 1
    assert '+        "notes": {"path": "IncludedFlow/' in changed.stderr
    assert objects(s3) == before
    assert create(s3, flow, target).returncode == 0
    assert len(objects(s3) - before) == 2


def test_options_of_the_command_line_reach_the_file(s3, tmp_path):
    options = ["--tag", "team:ml", "--tag", "--evil=1", "--max-workers", "5", "--worker-pool", "big"]
    before = ["--with", "retry:times=4", "airflow", "--name", "my.dag"]
    env, target = without_airflow(s3.env), tmp_path / "d.py"
    done = run_flow(env, FLOWS / "linear.py", *before, "create", str(target), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    text = target.read_text()
    for expected in (
        'dag_id="my.dag"',
        '"pool": "big"',
        "retries=4",
        'tags=("team:ml", "--evil=1")',
        "max_active_tasks=5",
    ):
        assert expected in text


@pytest.mark.parametrize("shape", ["scheduled", "events"])
def test_a_task_group_has_neither_schedule_nor_events(shape, s3, tmp_path):
    text = compile_flow(s3.env, FLOWS / f"{shape}.py", tmp_path / f"{shape}.py", "--task-group")
    assert "schedule=" not in text
    assert "event_parameters" not in text
