"""Fixtures for all tests of the repository, such as `stack`: one running stack per session."""

import os
import tempfile

# Before anything loads OpenMP: where others use the processors, its threads wait for each other by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Before anything imports Airflow, which then writes its settings there: not into the home of whoever runs tests.
AIRFLOW_HOME = tempfile.TemporaryDirectory(prefix="airflow-home-", ignore_cleanup_errors=True)
os.environ.setdefault("AIRFLOW_HOME", AIRFLOW_HOME.name)

pytest_plugins = [
    "tests.support.running_stack",
    "tests.support.s3_server",
    "tests.support.data_pipeline",
    "tests.support.trips",
]
