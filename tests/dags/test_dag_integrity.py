"""Rules for all DAGs of the project, written by hand or compiled."""

from pathlib import Path


def test_every_file_is_imported_and_defines_a_dag(dag_bag):
    assert dag_bag.import_errors == {}
    files = {Path(dag.fileloc) for dag in dag_bag.dags.values()}
    assert files == set(Path(dag_bag.dag_folder).rglob("*.py"))
    assert "data_engineering_dag" in dag_bag.dags


def test_every_dag_has_tags_and_documentation(dag_bag):
    assert [dag_id for dag_id, dag in dag_bag.dags.items() if not dag.tags] == []
    assert [dag_id for dag_id, dag in dag_bag.dags.items() if not (dag.doc_md or "").strip()] == []


def test_every_task_is_retried(dag_bag):
    tasks = [(dag_id, task) for dag_id, dag in dag_bag.dags.items() for task in dag.tasks]
    assert [(dag_id, task.task_id) for dag_id, task in tasks if task.retries < 1] == []


def test_no_dag_has_a_schedule(dag_bag):
    """They are started by `make run` and by the data DAG."""
    assert {dag_id: dag.schedule for dag_id, dag in dag_bag.dags.items() if dag.schedule is not None} == {}
