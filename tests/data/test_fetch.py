"""Source files are fetched from disk, S3 and the web; the error says whether a user has to act."""

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.taxi_data import fetch as module
from include.taxi_data.errors import BadSourceError
from include.taxi_data.fetch import fetch
from local.stack.free_ports import free_ports
from tests.support.trip_files import AWKWARD_NAME, CSV


def test_object_in_s3_with_an_awkward_name(s3, tmp_path):
    assert fetch(s3.put(f"inbox/{AWKWARD_NAME}", CSV), tmp_path).read_bytes() == CSV


def test_file_that_vanished_after_listing(s3, tmp_path):
    with pytest.raises(BadSourceError, match=r"cannot be opened \(No such file or directory\)"):
        fetch(str(tmp_path / "gone.csv"), tmp_path)
    with pytest.raises(BadSourceError, match="cannot be read with connection aws_default"):
        fetch("s3://taxi-data/gone.csv", tmp_path)


def test_web_address(web, tmp_path):
    assert fetch(f"{web}/trips.csv?token=1", tmp_path).read_bytes() == CSV


def test_web_address_that_a_user_has_to_correct(web, tmp_path):
    with pytest.raises(BadSourceError, match="answers 404"):
        fetch(f"{web}/missing.csv", tmp_path)


def test_address_without_a_server(tmp_path):
    with pytest.raises(BadSourceError, match="is not a valid web address"):
        fetch("https://", tmp_path)


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("trouble.csv", "answers 503"),
        ("cut.csv", "could not be read completely"),
        ("slow.csv", "could not be read completely"),
    ],
)
def test_failure_of_a_web_server_is_retried(web, page, problem, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", (1, 1))
    with pytest.raises(AirflowException, match=problem) as error:
        fetch(f"{web}/{page}", tmp_path)
    assert not isinstance(error.value, AirflowFailException)


def test_web_server_that_is_down_is_retried(tmp_path):
    with pytest.raises(AirflowException, match="could not be read") as error:
        fetch(f"http://127.0.0.1:{free_ports(1)[0]}/trips.csv", tmp_path)
    assert not isinstance(error.value, AirflowFailException)
