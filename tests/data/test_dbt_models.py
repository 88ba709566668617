"""The dbt models: the trips that they keep, and those that they reject, with the reasons."""

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.taxi_data.publishing import remove_staging
from tests.support.bad_trip_files import BAD_ROWS
from tests.support.data_pipeline import DBT_PROJECT, RUN
from tests.support.trip_files import (
    CSV,
    FIVE,
    SNAKE,
    YELLOW,
    good_trips,
    to_csv,
    to_parquet,
    trip,
)

REJECTED = f"rejected/{RUN}.parquet"
WRITTEN_FEATURES = f"raw/{RUN}/models/taxi_features.parquet"
FEATURES = {
    "pickup_datetime",
    "pickup_location_id",
    "dropoff_location_id",
    "trip_distance",
    "passenger_count",
    "hour_of_day",
    "day_of_week",
    "trip_duration_seconds",
}


def test_each_broken_row_is_rejected_with_its_reason(pipeline, source, s3):
    reasons = sorted(reason for _, reason in BAD_ROWS.values())
    path = source("trips.csv", to_csv(SNAKE, [*FIVE, *(row for row, _ in BAD_ROWS.values())]))
    report = pipeline(path)
    rejected = s3.rows(REJECTED)
    assert sorted(row["rejection_reason"] for row in rejected) == reasons
    assert report == {
        "trips_read": 5 + len(reasons),
        "trips_rejected": len(reasons),
        "trips_kept": 5,
        "rejected_by_reason": {reason: reasons.count(reason) for reason in reasons},
        "rejected_by_file": {path: len(reasons)},
        "features": "s3://taxi-data/taxi_features.parquet",
        "rejected": f"s3://taxi-data/{REJECTED}",
    }
    assert len(s3.rows("taxi_features.parquet")) == 5


def test_files_of_all_kinds_are_combined_and_the_same_trip_counts_once(pipeline, source, s3):
    first = source("1.csv", CSV)
    sources = [
        first,
        first,
        source("2.csv", to_csv(YELLOW, good_trips(5, 3))),
        source("3", to_parquet(YELLOW, good_trips(5, 7))),
    ]
    report = pipeline(*sources)
    assert (report["trips_read"], report["trips_kept"]) == (20, 12)
    assert report["rejected_by_reason"] == {"duplicate": 8}
    assert [row["pickup_datetime"].minute for row in s3.rows("taxi_features.parquet")] == list(range(12))


def test_features_have_the_promised_columns(pipeline, source, s3):
    pipeline(source("trips.csv", to_csv(SNAKE, [trip()])))
    (row,) = s3.rows("taxi_features.parquet")
    assert set(row) == FEATURES
    assert str(row.pop("pickup_datetime")) == "2019-01-05 06:00:00"
    assert row == {
        "pickup_location_id": 68,
        "dropoff_location_id": 236,
        "trip_distance": 3.5,
        "passenger_count": 1,
        "hour_of_day": 6,
        "day_of_week": 5,
        "trip_duration_seconds": 600.0,
    }


def test_same_trips_in_another_order_give_the_same_file(pipeline, source, s3):
    rows = good_trips(50)
    pipeline(source("a.csv", to_csv(SNAKE, rows[:20])), source("b.csv", to_csv(SNAKE, rows[20:])))
    forward = s3.read("taxi_features.parquet")
    pipeline(source("c.csv", to_csv(SNAKE, rows[::-1])))
    assert s3.read("taxi_features.parquet") == forward


def test_run_without_rejected_trips_has_an_empty_file_of_them(pipeline, source, s3):
    assert pipeline(source("trips.csv", CSV))["trips_rejected"] == 0
    assert s3.rows(REJECTED) == []


@pytest.fixture(scope="module")
def correct_features(pipeline, s3, tmp_path_factory):
    """The features of a run whose files are still staged."""
    (file := tmp_path_factory.mktemp("trips") / "trips.csv").write_bytes(CSV)
    pipeline(str(file))
    return pq.read_table(io.BytesIO(s3.read(WRITTEN_FEATURES)))


@pytest.mark.parametrize(
    ("test", "damage"),
    [
        ("every_trip_is_kept_or_rejected", lambda rows: rows[:-1]),
        (
            "not_null_taxi_features_trip_distance",
            lambda rows: [{**rows[0], "trip_distance": None}, *rows[1:]],
        ),
        ("within_taxi_features_hour_of_day__0__23", lambda rows: [{**rows[0], "hour_of_day": 24}, *rows[1:]]),
    ],
)
def test_dbt_tests_find_wrong_features(correct_features, dbt, s3, test, damage):
    damaged = pa.Table.from_pylist(damage(correct_features.to_pylist()), correct_features.schema)
    pq.write_table(damaged, buffer := io.BytesIO())
    s3.put(WRITTEN_FEATURES, buffer.getvalue())
    results = dbt("test", "--exclude", "resource_type:unit_test").result
    assert {result.node.name for result in results if result.status == "fail"} == {test}


def test_dbt_unit_tests_pass_without_any_data(dbt):
    remove_staging(RUN)
    result = dbt("test", "--select", "test_type:unit")
    assert result.success, result.exception or [found.message for found in result.result]
    assert len([found for found in result.result if found.node.resource_type == "unit_test"]) == 3


def test_dag_knows_the_models_that_dbt_knows(dbt):
    keys = "unique_id resource_type depends_on original_file_path package_name"
    options = ["--quiet", "--resource-type", "model", "--output", "json", "--output-keys", keys]
    listed = dbt("ls", *options).result
    advice = "bring it up to date: dbt ls --profiles-dir . " + " ".join(options).replace(keys, f"'{keys}'")
    assert (DBT_PROJECT / "dbt_ls.jsonl").read_text().splitlines() == listed, (
        f"{advice} > dbt_ls.jsonl (in include/dbt)"
    )


def test_about_one_percent_of_the_trips_is_rejected(pipeline, trip_files, s3):
    report = pipeline(*map(str, trip_files))
    assert report["trips_read"] == sum(len(pd.read_csv(file)) for file in trip_files)
    assert 0.005 < report["trips_rejected"] / report["trips_read"] < 0.02
    assert {"shorter_than_a_minute", "longer_than_3_hours", "no_distance"} <= set(
        report["rejected_by_reason"]
    )
    assert len(s3.rows("taxi_features.parquet")) == report["trips_kept"]


def test_all_broken_trips_of_the_sample_are_rejected_and_no_others(pipeline):
    report = pipeline()
    assert report["trips_read"] == 20_028
    assert report["rejected_by_reason"] == {
        "dropoff_before_pickup": 28,
        "duplicate": 28,
        "farther_than_100_miles": 28,
        "impossible_date": 28,
        "longer_than_3_hours": 28,
        "no_distance": 28,
        "shorter_than_a_minute": 28,
        "unknown_location": 28,
        "unreadable_value": 56,
    }
