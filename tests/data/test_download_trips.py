"""The program that downloads real trips, on files in the format of TLC's."""

import subprocess
import sys

import pandas as pd

from local.stack.settings import REPOSITORY
from tests.support.trip_files import SNAKE, YELLOW, good_trips, to_parquet


def test_a_sample_of_each_month_is_written_as_csv(tmp_path):
    (tmp_path / "month.parquet").write_bytes(to_parquet(YELLOW, good_trips(30_100)))
    program = [sys.executable, str(REPOSITORY / "tests/download_trips.py"), "trips"]
    address = ["--address", "month.parquet"]
    done = subprocess.run([*program, *address], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "trips").iterdir())
    assert [file.name[-11:] for file in files] == ["2019_01.csv", "2019_02.csv"]
    for file in files:
        trips = pd.read_csv(file)
        assert list(trips.columns) == SNAKE.split(",")
        assert trips["pickup_datetime"].nunique() == 30_000
