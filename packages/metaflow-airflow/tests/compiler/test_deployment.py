"""The header's paths do not depend on where the project is, or on where the command runs."""

from pathlib import Path

import pytest
from metaflow_airflow.compiler.deployment import shown_paths, task_group_id

NAMES_ONLY = ("x_flow.py", "x_dag.py")


@pytest.mark.parametrize("project", ["/home/ann/project", "/tmp/dags/checkout 2"])
@pytest.mark.parametrize(
    ("flow", "dag"),
    [
        ("include/x_flow.py", "dags/x_dag.py"),
        ("include/x_flow.py", "dags/compiled/x_dag.py"),
        ("include/x_flow.py", "dags/team/compiled/x_dag.py"),
        ("flows/x_flow.py", "pipelines/x_dag.py"),
    ],
)
def test_paths_are_relative_to_the_project(project, flow, dag):
    assert shown_paths(Path(project, flow), Path(project, dag)) == (flow, dag)


@pytest.mark.parametrize(
    "dag", ["/home/ann/airflow/dags/x_dag.py", "/home/ann/airflow/dags/compiled/x_dag.py"]
)
def test_a_flow_in_another_project_has_only_a_name(dag):
    assert shown_paths(Path("/home/ann/work/include/x_flow.py"), Path(dag)) == NAMES_ONLY


def test_the_current_directory_does_not_matter(tmp_path, monkeypatch):
    (tmp_path / "dags").mkdir()
    monkeypatch.chdir(tmp_path / "dags")
    paths = shown_paths(Path("../include/x_flow.py"), Path("x_dag.py"))
    assert paths == ("include/x_flow.py", "dags/x_dag.py")


def test_the_id_of_a_task_group_has_no_dots():
    assert task_group_id("shop.prod.Flow") == "shop_prod_Flow"
