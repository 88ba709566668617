"""Fixtures for all tests of the repository, such as `stack`: one running stack per session."""

import os
import tempfile
from pathlib import Path

import pytest

# Before anything loads OpenMP: where others use the processors, its threads wait for each other by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Before anything imports Airflow, which writes its settings there: not into the home of the user.
AIRFLOW_HOME = tempfile.TemporaryDirectory(prefix="airflow-home-", ignore_cleanup_errors=True)
os.environ.setdefault("AIRFLOW_HOME", AIRFLOW_HOME.name)

pytest.register_assert_rewrite("tests.support")
SUPPORT = Path(__file__).parent / "tests" / "support"
pytest_plugins = [f"tests.support.{file.stem}" for file in sorted(SUPPORT.glob("*.py"))]
