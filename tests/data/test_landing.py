"""A source file is landed in S3 as Parquet, or refused with one clear message."""

import pyarrow as pa
import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.taxi_data.errors import BadSourceError
from include.taxi_data.landing import land
from tests.support.bad_trip_files import BAD_FILES
from tests.support.trip_files import (
    AWKWARD_NAME,
    CSV,
    FIVE,
    GOOD_FILES,
    SNAKE,
    good_trips,
    parquet_of,
    to_csv,
    to_parquet,
)


@pytest.fixture
def landed(s3):
    """Land a single source and return its rows."""

    def rows(source: str) -> list[dict]:
        count = land(source, "landing-test", 0)
        (key,) = s3.names("raw/landing-test/")
        found = s3.rows(key)
        assert len(found) == count
        return found

    yield rows
    for key in s3.names("raw/landing-test/"):
        s3.client.delete_object(Bucket="taxi-data", Key=key)


@pytest.mark.parametrize("content", GOOD_FILES.values(), ids=GOOD_FILES)
def test_every_form_of_trip_records_lands_the_same(landed, source, content):
    path = source("trips", content)
    rows = landed(path)
    assert [
        [
            str(row["pickup_datetime"]),
            str(row["dropoff_datetime"]),
            row["passenger_count"],
            row["trip_distance"],
        ]
        for row in rows
    ] == [[trip[1], trip[2], 1, 3.5] for trip in FIVE]
    assert {(row["source"], row["pickup_location_id"], row["dropoff_location_id"]) for row in rows} == {
        (path, 68, 236)
    }
    assert {row["unreadable"] for row in rows} == {None}


@pytest.mark.parametrize(("content", "problem"), BAD_FILES.values(), ids=BAD_FILES)
def test_unusable_file_is_refused_and_lands_nothing(s3, source, content, problem):
    path = source("trips.csv", content)
    with pytest.raises(BadSourceError, match=problem) as error:
        land(path, "bad-file", 0)
    assert str(error.value).startswith(path)
    assert len(str(error.value).splitlines()) == 1
    assert s3.names("raw/bad-file/") == []


def test_mistakes_of_a_user_are_not_retried():
    assert issubclass(BadSourceError, AirflowFailException)


def test_passenger_count_may_be_absent(landed, source):
    rows = [[*trip[:3], *trip[4:]] for trip in FIVE]
    path = source("trips.csv", to_csv(SNAKE.replace("passenger_count,", ""), rows))
    assert {row["passenger_count"] for row in landed(path)} == {None}


@pytest.mark.parametrize("text", ["NA", "NULL", r"\N", "None", "-", "n/a", "", " null "])
def test_words_for_null_are_nulls(landed, source, text):
    rows = [[*trip[:3], text, *trip[4:]] for trip in FIVE]
    found = landed(source("trips.csv", to_csv(SNAKE, rows)))
    assert [(row["passenger_count"], row["unreadable"], row["ignored"]) for row in found] == [(None,) * 3] * 5


def test_unreadable_optional_value_counts_as_missing(landed, source):
    rows = [[*trip[:3], "many", *trip[4:]] for trip in FIVE]
    found = landed(source("trips.csv", to_csv(SNAKE, rows)))
    assert [(row["passenger_count"], row["unreadable"]) for row in found] == [(None, None)] * 5
    assert {row["ignored"] for row in found} == {"passenger_count = many"}


def test_high_volume_trips_have_their_own_name_for_the_distance(landed, source):
    header = "hvfhs_license_num,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,trip_miles"
    rows = [["HV0003", *trip[1:3], *trip[5:7], trip[4]] for trip in FIVE]
    assert [row["trip_distance"] for row in landed(source("trips.csv", to_csv(header, rows)))] == [3.5] * 5


def test_a_tenth_of_the_rows_may_be_unreadable(landed, source):
    rows = [*good_trips(180), *[[*FIVE[0][:4], "far", *FIVE[0][5:]]] * 20]
    found = landed(source("trips.csv", to_csv(SNAKE, rows)))
    assert sum(row["unreadable"] is not None for row in found) == 20


def test_value_that_cannot_be_read_is_named(landed, source):
    row = [*FIVE[0][:4], "a lot", "here", *FIVE[0][6:]]
    found, *_ = landed(source("trips.csv", to_csv(SNAKE, [row, *FIVE])))
    assert found["unreadable"] == "pickup_location_id = here"
    assert (found["trip_distance"], found["pickup_location_id"], found["dropoff_location_id"]) == (
        None,
        None,
        236,
    )


def test_row_with_a_wrong_number_of_columns_is_kept_with_its_line(landed, source):
    rows = [FIVE[0], FIVE[1][:3], FIVE[2], [*FIVE[3], "7"], FIVE[4]]
    found = landed(source("trips.csv", to_csv(SNAKE, rows)))
    problems = [row["unreadable"] for row in found if row["unreadable"]]
    assert len(found) == 5
    assert len(problems) == 2
    assert all(any(f"line {line}:" in problem for problem in problems) for line in (3, 5)), problems


def test_file_with_rows_that_hardly_ever_fit_the_header_is_refused(s3, source):
    path = source("trips.csv", to_csv(SNAKE, [trip[:4] for trip in good_trips(30_000)]))
    with pytest.raises(BadSourceError, match="thousands of rows that do not fit its header"):
        land(path, "misfit", 0)


def test_every_row_that_does_not_fit_the_header_is_counted(landed, source):
    rows = [trip if i % 11 else trip[:4] for i, trip in enumerate(good_trips(30_000))]
    assert len(landed(source("trips.csv", to_csv(SNAKE, rows)))) == len(rows)


def test_awkward_name_of_a_file_or_object_is_only_a_name(s3, landed, source):
    for address in (source(AWKWARD_NAME, CSV), s3.put(f"inbox/{AWKWARD_NAME}", CSV)):
        assert {row["source"] for row in landed(address)} == {address}


def test_web_page_instead_of_trips_is_refused(s3, web):
    with pytest.raises(BadSourceError, match="is a web page"):
        land(f"{web}/page.csv", "web", 0)


@pytest.mark.parametrize(
    "content",
    [
        b"the-secret",
        b"[default]\naws_secret_access_key = the-secret\n",
        b'{"password": "the-secret", "user": "ann"}',
        b"root:x:0:0:the-secret:/root:/bin/bash\n",
        b"the-secret_longitude,the-secret_lat,location\n",
        b"the-secret,the-secret\n1,2\n",
        to_parquet(SNAKE.replace("trip_distance", "the-secret"), FIVE),
        parquet_of({"the-secret": pa.array([1])}),
    ],
)
def test_refusal_of_a_file_that_is_not_trip_data_quotes_nothing_of_it(s3, source, content):
    with pytest.raises(BadSourceError) as error:
        land(source("trips.csv", content), "secret", 0)
    assert "the-secret" not in str(error.value)
