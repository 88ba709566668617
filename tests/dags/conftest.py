"""An Airflow home of its own for reading DAGs: Airflow writes its settings there when it is imported."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-home-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"

import pytest
from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="session")
def dag_bag() -> DagBag:
    """The project's DAGs: the one by hand, and the compiled ones if they have been compiled."""
    return DagBag(DAGS)
