"""Fixtures with trips: the made-up sample, or with `pytest --tlc=FOLDER` the real ones of that folder."""

from pathlib import Path

import pandas as pd
import pytest

OFFICIAL_NAMES = {
    "VendorID": "vendor_id",
    "tpep_pickup_datetime": "pickup_datetime",
    "tpep_dropoff_datetime": "dropoff_datetime",
    "PULocationID": "pickup_location_id",
    "DOLocationID": "dropoff_location_id",
}
TIMES = ["pickup_datetime", "dropoff_datetime"]
ZONES = ["pickup_location_id", "dropoff_location_id"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tlc", type=Path, metavar="FOLDER", help="use the real trips in FOLDER (TLC's, CSV)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_trips: means the same on real trips; see --tlc (set by itself)")
    folder = config.option.tlc
    if folder and not any(folder.glob("*.csv")):
        raise pytest.UsageError(
            f"There are no CSV files with TLC's trip records in {folder}: name another folder, or make them "
            f"with `python tests/download_trips.py {folder}`."
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "trip_files" in getattr(item, "fixturenames", ()):
            item.add_marker("real_trips")


@pytest.fixture(scope="session")
def has_real_trips(pytestconfig: pytest.Config) -> bool:
    """Say whether the trips are real ones."""
    return pytestconfig.option.tlc is not None


@pytest.fixture(scope="session")
def trip_files(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two months of trip records as CSV, of which about 1% are broken."""
    from include.taxi_data.sample import SAMPLE_FILES, write_sample_file

    if folder := pytestconfig.option.tlc:
        return sorted(folder.glob("*.csv"))
    folder = tmp_path_factory.mktemp("sample")
    for address in SAMPLE_FILES:
        write_sample_file(address, folder / address.rpartition("/")[2])
    return sorted(folder.iterdir())


@pytest.fixture(scope="session")
def good_trips(trip_files: list[Path]) -> pd.DataFrame:
    """All columns of the good trips: broken ones are removed by the rules of the dbt models."""
    trips = pd.concat([pd.read_csv(file).rename(columns=OFFICIAL_NAMES) for file in trip_files])
    for name in TIMES:
        trips[name] = pd.to_datetime(trips[name], errors="coerce")
    for name in [*ZONES, "trip_distance"]:
        trips[name] = pd.to_numeric(trips[name], errors="coerce")
    pickup = trips["pickup_datetime"]
    trips["hour_of_day"] = pickup.dt.hour
    trips["day_of_week"] = pickup.dt.day_of_week
    trips["trip_duration_seconds"] = (trips["dropoff_datetime"] - pickup).dt.total_seconds()
    miles_per_hour = trips["trip_distance"] / trips["trip_duration_seconds"] * 3600
    good = trips[
        pickup.between("2011-01-01", pd.Timestamp.now())
        & trips["trip_duration_seconds"].between(60, 3 * 60 * 60)
        & trips["trip_distance"].between(0, 100, inclusive="right")
        & miles_per_hour.le(100)
        & trips[ZONES].ge(1).all(axis=1)
        & trips[ZONES].le(265).all(axis=1)
    ]
    whole_numbers = dict.fromkeys([*ZONES, "hour_of_day", "day_of_week"], "int64")
    return good.drop_duplicates([*TIMES, *ZONES, "trip_distance"]).astype(whole_numbers)
