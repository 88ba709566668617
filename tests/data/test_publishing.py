"""Publishing replaces the features in one step, or leaves them as they were."""

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.taxi_data.errors import BadSourceError
from include.taxi_data.publishing import remove_staging
from tests.support.data_pipeline import RUN
from tests.support.trip_files import CSV, SNAKE, good_trips, to_csv, trip

REJECTED = f"rejected/{RUN}.parquet"


def test_run_without_good_trips_leaves_the_features_as_they_were(pipeline, source, s3):
    pipeline(source("good.csv", CSV))
    before = s3.read("taxi_features.parquet")
    bad = to_csv(SNAKE, [trip(trip_distance="0"), trip(dropoff_location_id="999")])
    with pytest.raises(AirflowFailException) as error:
        pipeline(source("bad.csv", bad))
    assert str(error.value) == (
        "All 2 trips were rejected (no_distance: 1, unknown_location: 1), so s3://taxi-data/taxi_features.parquet"
        f" stays as it was: look at s3://taxi-data/{REJECTED} and repair the sources."
    )
    assert s3.read("taxi_features.parquet") == before
    assert len(s3.rows(REJECTED)) == 2


def test_file_without_good_trips_among_good_files_leaves_the_features_as_they_were(pipeline, source, s3):
    good = source("good.csv", CSV)
    pipeline(good)
    before = s3.read("taxi_features.parquet")
    swapped = [[row[0], row[2], row[1], *row[3:]] for row in good_trips(30, 100)]
    with pytest.raises(BadSourceError) as error:
        pipeline(good, path := source("swapped.csv", to_csv(SNAKE, swapped)))
    assert str(error.value) == (
        f"{path} has 30 trips of 30 that break a rule (dropoff_before_pickup: 30), so"
        f" s3://taxi-data/taxi_features.parquet stays as it was: look at s3://taxi-data/{REJECTED} and repair"
        " the file or leave it out."
    )
    assert s3.read("taxi_features.parquet") == before


def test_bad_source_among_good_ones_leaves_the_features_as_they_were(pipeline, source, s3):
    pipeline(source("good.csv", CSV))
    before = s3.read("taxi_features.parquet")
    with pytest.raises(BadSourceError):
        pipeline(source("more.csv", to_csv(SNAKE, good_trips(9))), source("bad.csv", b""))
    assert s3.read("taxi_features.parquet") == before


def test_staged_files_are_removed_and_nothing_else(pipeline, source, s3):
    pipeline(source("trips.csv", CSV))
    other = s3.put("raw/another-run/landed/00000.parquet", b"x")
    remove_staging(RUN)
    assert s3.names(f"raw/{RUN}/") == []
    assert s3.names("raw/another-run/") == [other.removeprefix("s3://taxi-data/")]
    assert REJECTED in s3.names("rejected/")
    assert "taxi_features.parquet" in s3.names()
