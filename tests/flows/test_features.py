"""Features files that cannot be used: the message names the file, the problem and the remedy."""

import datetime as dt

import numpy as np
import pytest
from taxi.errors import UnusableFeaturesError
from taxi.features import read_training_trips


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda trips: trips.drop(columns="trip_distance"), "no column trip_distance"),
        (lambda trips: trips.rename(columns={"hour_of_day": "hour"}), "no column hour_of_day"),
        (lambda trips: trips.assign(trip_distance="far"), r"wrong type in column trip_distance \(.*string\)"),
        (lambda trips: trips.assign(pickup_datetime="noon"), "pickup_datetime must be a timestamp"),
        (lambda trips: trips.assign(day_of_week=dt.date(2019, 1, 1)), r"day_of_week \(date32"),
        (lambda trips: trips.head(0), "no rows"),
        (lambda trips: trips.head(29), "29 trips, too few"),
        (
            lambda trips: trips.assign(trip_distance=np.inf),
            r"infinite values in column trip_distance \(100 rows\)",
        ),
        (lambda trips: trips.assign(hour_of_day=[None, *range(99)]), r"missing .* hour_of_day \(1 rows\)"),
    ],
)
def test_file_without_what_training_needs_is_refused(spoil, problem, features, write):
    with pytest.raises(UnusableFeaturesError, match=problem) as raised:
        read_training_trips(write(spoil(features.head(100))), "s3://here/features.parquet")
    assert str(raised.value).startswith("s3://here/features.parquet has ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kept", [0, 100, -1])
def test_truncated_file_and_file_of_another_format_are_refused(kept, features, write):
    path = write(features)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UnusableFeaturesError, match="not a complete Parquet file"):
        read_training_trips(path, "features.parquet")
