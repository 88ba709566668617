"""The sample: the same trips every time, and like real ones."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from include.taxi_data.errors import BadSourceError
from include.taxi_data.sample import SAMPLE_FILES, TRIPS_PER_FILE, write_sample_file

WRITE_AND_HASH = """
import sys; from hashlib import sha256; from pathlib import Path
from include.taxi_data.sample import write_sample_file
for address in sys.argv[2:]:
    write_sample_file(address, Path(sys.argv[1]))
    print(sha256(Path(sys.argv[1]).read_bytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def trips(tmp_path_factory):
    """The sample's good trips, as a DuckDB relation."""
    folder = tmp_path_factory.mktemp("sample")
    columns = ["vendor", "pickup", "dropoff", "riders", "miles", "zone_from", "zone_to", "payment", "fare"]
    for address in SAMPLE_FILES:
        write_sample_file(address, folder / address.rpartition("/")[2])
    connection = duckdb.connect()
    everything = connection.read_csv(
        str(folder / "*.csv"),
        auto_detect=False,
        header=True,
        columns=dict.fromkeys(columns, "VARCHAR"),
        store_rejects=True,
    )
    return everything.query(
        "rows",
        """
        select
            pickup::timestamp as pickup, zone_from::int as zone_from, zone_to::int as zone_to,
            miles::double as miles, date_diff('second', pickup::timestamp, dropoff::timestamp) as seconds
        from rows
        where
            try_cast(miles as double) between 0.1 and 100 and year(pickup::timestamp) = 2024
            and date_diff('second', pickup::timestamp, dropoff::timestamp) between 60 and 10800
        """,
    )


def value(trips: duckdb.DuckDBPyRelation, expression: str) -> float:
    return trips.aggregate(expression).fetchall()[0][0]


def test_another_process_writes_the_same_bytes(tmp_path):
    command = [sys.executable, "-c", WRITE_AND_HASH, str(tmp_path / "there"), *SAMPLE_FILES]
    there = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    here = []
    for address in SAMPLE_FILES:
        write_sample_file(address, tmp_path / "here")
        here.append(sha256((tmp_path / "here").read_bytes()).hexdigest())
    assert there == here
    assert len(set(here)) == len(SAMPLE_FILES)


def test_unknown_part_of_the_sample_is_refused(tmp_path):
    with pytest.raises(BadSourceError, match=r"sample://1999-01\.csv is not part of the sample"):
        write_sample_file("sample://1999-01.csv", Path(tmp_path / "x"))


def test_about_one_percent_is_broken(trips):
    good = value(trips, "count(*)")
    assert 0.98 < good / (len(SAMPLE_FILES) * TRIPS_PER_FILE) < 0.995


def test_two_months_with_rush_hours(trips):
    assert value(trips, "count(distinct month(pickup))") == 2
    rush = value(trips, "count(*) filter (hour(pickup) = 18 and isodow(pickup) <= 5)")
    night = value(trips, "count(*) filter (hour(pickup) = 3 and isodow(pickup) <= 5)")
    assert rush > 5 * night
    weekend_night = value(trips, "count(*) filter (hour(pickup) = 1 and isodow(pickup) > 5) / 2")
    assert weekend_night > 2 * value(trips, "count(*) filter (hour(pickup) = 1 and isodow(pickup) <= 5) / 5")


def test_airport_trips_are_long(trips):
    airports = "(zone_from in (1, 132, 138) or zone_to in (1, 132, 138))"
    assert value(trips, f"count(*) filter {'(where ' + airports + ')'} / count(*)") > 0.03
    assert value(trips, f"avg(miles) filter (where {airports})") > 2 * value(
        trips, f"avg(miles) filter (where not {airports})"
    )


def test_duration_follows_distance_and_hour(trips):
    assert value(trips, "regr_r2(seconds, miles)") > 0.5
    assert value(trips, "avg(miles / seconds) filter (where hour(pickup) = 3)") > 1.4 * value(
        trips, "avg(miles / seconds) filter (where hour(pickup) = 16 and isodow(pickup) <= 5)"
    )
