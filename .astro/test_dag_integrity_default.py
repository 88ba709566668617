"""Every DAG file can be imported. `astro dev parse` runs this.

Astro's own version of this file calls `DagBag(include_examples=False)`, an argument that Airflow 3.3 no
longer has. No variable or connection is faked here: a DAG that needs one while it is read, not while it
runs, slows the DAG processor down and should fail.
"""

import os
from pathlib import Path

os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

import pytest
from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).parents[1]
EXCEPTIONS = PROJECT / ".astro" / "dag_integrity_exceptions.txt"


def dag_files() -> list[str]:
    """List DAG files, as paths from the project's folder, without those that the exceptions name."""
    exempt = EXCEPTIONS.read_text().splitlines() if EXCEPTIONS.exists() else []
    files = sorted((PROJECT / "dags").rglob("*.py"))
    return [name for file in files if (name := file.relative_to(PROJECT).as_posix()) not in exempt]


@pytest.mark.parametrize("dag_file", dag_files())
def test_file_imports(dag_file: str) -> None:
    """The import error, if there is one, is the message."""
    errors = DagBag(PROJECT / dag_file).import_errors
    assert not errors, "\n".join(errors.values())  # noqa: S101 - a test, outside the folders of tests
