"""One source file becomes Parquet in S3, or one sentence."""

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.taxi_data import fetch
from include.taxi_data.errors import BadSourceError
from include.taxi_data.landing import land
from local.stack.free_ports import free_ports
from tests.data.trips import BAD_FILES, CSV, FIVE, GOOD_FILES, SNAKE, good_trips, to_csv

AWKWARD_NAME = 'it\'s [1] "two"; drop table trips -- ünï 日本 $(id).csv'


@pytest.fixture
def landed(s3):
    """Land a source as the only one of a run and return its rows."""

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
def test_file_that_cannot_be_used_is_one_sentence_and_lands_nothing(s3, source, content, problem):
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


def test_value_that_cannot_be_read_is_named(landed, source):
    row = [*FIVE[0][:4], "a lot", "here", *FIVE[0][6:]]
    (found,) = landed(source("trips.csv", to_csv(SNAKE, [row])))
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


def test_file_whose_rows_hardly_ever_fit_the_header_is_one_sentence(s3, source):
    path = source("trips.csv", to_csv(SNAKE, [trip[:4] for trip in good_trips(30_000)]))
    with pytest.raises(BadSourceError, match="thousands of rows that do not fit its header"):
        land(path, "misfit", 0)


def test_every_row_that_does_not_fit_the_header_is_counted(landed, source):
    rows = [trip[:4] for trip in good_trips(12_000)]
    assert len(landed(source("trips.csv", to_csv(SNAKE, rows)))) == len(rows)


def test_awkward_names_are_only_names(landed, source):
    path = source(AWKWARD_NAME, CSV)
    assert {row["source"] for row in landed(path)} == {path}


def test_s3_object_with_an_awkward_name(s3, landed):
    address = s3.put(f"inbox/{AWKWARD_NAME}", CSV)
    assert {row["source"] for row in landed(address)} == {address}


def test_file_that_vanished_after_listing(s3, tmp_path):
    with pytest.raises(BadSourceError, match=r"cannot be opened \(No such file or directory\)"):
        land(str(tmp_path / "gone.csv"), "gone", 0)
    with pytest.raises(BadSourceError, match="cannot be read with connection aws_default"):
        land("s3://taxi-data/gone.csv", "gone", 0)


def test_web_address(landed, web):
    assert len(landed(f"{web}/trips.csv?token=1")) == 5


@pytest.mark.parametrize(("page", "problem"), [("missing.csv", "answers 404"), ("page.csv", "is a web page")])
def test_web_address_that_a_user_has_to_correct(s3, web, page, problem):
    with pytest.raises(BadSourceError, match=problem):
        land(f"{web}/{page}", "web", 0)


def test_address_without_a_server_is_one_sentence(s3):
    with pytest.raises(BadSourceError, match="is no valid web address"):
        land("https://", "web", 0)


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("trouble.csv", "answers 503"),
        ("cut.csv", "could not be read to its end"),
        ("slow.csv", "could not be read to its end"),
    ],
)
def test_trouble_of_a_web_server_is_retried(s3, web, page, problem, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", (1, 1))
    with pytest.raises(AirflowException, match=problem) as error:
        land(f"{web}/{page}", "web", 0)
    assert not isinstance(error.value, AirflowFailException)


def test_web_server_that_is_down_is_retried(s3):
    with pytest.raises(AirflowException, match="could not be read") as error:
        land(f"http://127.0.0.1:{free_ports(1)[0]}/trips.csv", "web", 0)
    assert not isinstance(error.value, AirflowFailException)
