"""Where `airflow create` writes, and what `--check` tells without writing."""

import shutil
import time

from engine_support import FLOWS, run_flow


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
