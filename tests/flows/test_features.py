"""Features files that cannot be used: one sentence that names the file, the fault and the remedy."""

import datetime as dt
from contextlib import suppress

import numpy as np
import pytest
from taxi.errors import UnusableAddressError, UnusableFeaturesError, UnusableParameterError
from taxi.features import read_training_trips
from taxi.metrics import split_by_time
from taxi.storage import local_copy, new_file


@pytest.mark.parametrize(
    ("spoil", "fault"),
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
def test_file_that_does_not_hold_what_training_needs_is_refused(spoil, fault, features, write):
    with pytest.raises(UnusableFeaturesError, match=fault) as raised:
        read_training_trips(write(spoil(features.head(100))), "s3://here/features.parquet")
    assert str(raised.value).startswith("s3://here/features.parquet has ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kept", [0, 100, -1])
def test_file_that_is_cut_short_or_no_parquet_is_refused(kept, features, write):
    path = write(features)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UnusableFeaturesError, match="not a complete Parquet file"):
        read_training_trips(path, "features.parquet")


@pytest.mark.parametrize("address", ["nowhere.parquet", "/"])
def test_local_address_without_a_file_is_refused(address):
    with pytest.raises(UnusableFeaturesError, match=f"no file {address}: run the DAG"), local_copy(address):
        pass


@pytest.mark.parametrize(
    "address", ["https://example.com/f.parquet", "s3://taxi-data", "s3://taxi-data/raw/"]
)
def test_address_of_another_kind_is_refused(address):
    fault = f"^{address} is neither a file in S3"
    with pytest.raises(UnusableAddressError, match=fault), local_copy(address):
        pass


def test_predictions_for_a_directory_that_does_not_exist_are_refused(tmp_path):
    with pytest.raises(UnusableAddressError, match="create it or"), new_file(str(tmp_path / "none" / "p")):
        pass


def test_predictions_in_place_of_a_directory_are_refused(tmp_path):
    with pytest.raises(UnusableAddressError, match="it is a directory"), new_file(str(tmp_path)):
        pass


def test_file_that_is_not_finished_leaves_the_old_one(tmp_path):
    target = tmp_path / "predictions.parquet"
    target.write_text("old")
    with suppress(KeyError), new_file(str(target)) as path:
        path.write_text("half")
        raise KeyError
    assert target.read_text() == "old"
    with new_file(str(target)) as path:
        path.write_text("new")
    assert target.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["predictions.parquet"]


@pytest.mark.parametrize("share", [-0.1, 0.0, 1.0, 7.0])
def test_share_that_leaves_nothing_to_learn_or_to_test_is_refused(share, features):
    with pytest.raises(UnusableParameterError, match="between 0 and 1"):
        split_by_time(features, share)
