"""The time zone of the machine does not matter: tests of the data in three of them, each in a new process."""

import os
import subprocess
import sys

import pytest

from local.stack.settings import REPOSITORY

TESTS = [
    "tests/data/test_landing.py::test_every_form_of_trip_records_lands_the_same",
    "tests/data/test_dbt_models.py::test_times_of_all_kinds_give_the_same_features_and_target",
]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_trips_are_the_same_in_every_time_zone(zone):
    options = ["-q", "-p", "no:cacheprovider", "-k", "times or instants"]
    command = [sys.executable, "-m", "pytest", *options, *TESTS]
    env = {**os.environ, "TZ": zone}
    done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
