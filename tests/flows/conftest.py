"""Real trips as a features file, and a Metaflow to run the flows with."""

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.flows.flow_home import INCLUDE, REPOSITORY, FlowHome

REAL_SAMPLES = REPOSITORY.parent / "shared" / "data" / "tlc"
sys.path.insert(0, str(INCLUDE))  # Metaflow runs a flow file with its directory there: `import taxi`


@pytest.fixture(scope="session")
def real_trips() -> pd.DataFrame:
    """All columns of the two real samples, broken rows taken out by the rules of the dbt models."""
    files = sorted(REAL_SAMPLES.glob("*.csv"))
    assert files, f"the real samples are missing: put TLC's trip records as CSV into {REAL_SAMPLES}"
    times = ["pickup_datetime", "dropoff_datetime"]
    trips = pd.concat([pd.read_csv(file, parse_dates=times) for file in files])
    pickup = trips["pickup_datetime"]
    trips["hour_of_day"] = pickup.dt.hour
    trips["day_of_week"] = pickup.dt.day_of_week
    trips["trip_duration_seconds"] = (trips["dropoff_datetime"] - pickup).dt.total_seconds()
    miles_per_hour = trips["trip_distance"] / trips["trip_duration_seconds"] * 3600
    return trips[
        trips["trip_duration_seconds"].between(60, 3 * 60 * 60)
        & trips["trip_distance"].between(0, 100, inclusive="right")
        & miles_per_hour.le(100)
    ]


@pytest.fixture(scope="session")
def features(real_trips: pd.DataFrame) -> pd.DataFrame:
    """The columns of the features file."""
    from taxi.features import FEATURE_NAMES, PICKUP_TIME, TARGET

    return real_trips[[PICKUP_TIME, *FEATURE_NAMES, TARGET]]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[pd.DataFrame], Path]:
    """Write a frame as Parquet, as it is."""

    def write_frame(frame: pd.DataFrame, name: str = "features.parquet") -> Path:
        path = tmp_path / name
        frame.to_parquet(path, index=False)
        return path

    return write_frame


@pytest.fixture
def flow_home(tmp_path: Path) -> FlowHome:
    """A Metaflow without any runs."""
    path = tmp_path / "home"
    path.mkdir()
    return FlowHome(path)
