"""The time zone of the machine does not matter: the data pipeline in three of them, each in a new process."""

import json
import os
import subprocess
import sys

import pyarrow as pa
import pytest

from local.stack.settings import REPOSITORY
from tests.support.trip_files import FIVE, GOOD_FILES, SNAKE, to_csv, trip, with_parquet_times

# The same five trips; each file writes their times in another form.
FORMS = {name: content for name, content in GOOD_FILES.items() if "times" in name or "instants" in name}
# Rides of 20 minutes, some of them across a change of the clocks, whose duration is that of the ride.
TIMES = {
    "2019-01-05 23:50:00": "2019-01-06 00:10:00",
    "2019-03-10 01:50-05:00": "2019-03-10 03:10-04:00",
    "2019-11-03T05:50:00Z": "2019-11-03T06:10:00Z",  # 01:50 to 01:10
}
RUN_PIPELINE = """
import json, sys
from pathlib import Path
from tests.support.data_pipeline import run_pipeline
print(json.dumps(run_pipeline(Path(sys.argv[1]), *sys.argv[2:])))
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_times_of_all_kinds_give_the_same_features_in_every_time_zone(zone, s3, source, dbt_folder):
    rows = [trip(pickup_datetime=start, dropoff_datetime=end) for start, end in TIMES.items()]
    instants = with_parquet_times([trip(dropoff_datetime="2019-01-05 06:20:00")], pa.timestamp("us", "UTC"))
    files = [source(name, content) for name, content in FORMS.items()]
    files += [source("rides.csv", to_csv(SNAKE, rows)), source("rides.parquet", instants)]
    command = [sys.executable, "-c", RUN_PIPELINE, str(dbt_folder), *files]
    env = {**os.environ, "TZ": zone, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["rejected_by_reason"] == {"duplicate": len(FIVE) * (len(FORMS) - 1)}
    found = [
        (str(row["pickup_datetime"]), row["hour_of_day"], row["day_of_week"], row["trip_duration_seconds"])
        for row in s3.rows("taxi_features.parquet")
    ]
    assert found == [
        ("2019-01-05 06:00:00", 6, 5, 720),
        ("2019-01-05 06:00:00", 6, 5, 1200),
        *((f"2019-01-05 06:{minute:02}:00", 6, 5, 720) for minute in range(1, 5)),
        ("2019-01-05 23:50:00", 23, 5, 1200),
        ("2019-03-10 01:50:00", 1, 6, 1200),
        ("2019-11-03 01:50:00", 1, 6, 1200),
    ]
