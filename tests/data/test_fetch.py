"""Source files are fetched from disk, S3 and the web; the error says whether a user has to act."""

import socket
from urllib.parse import urlsplit

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


def test_web_server_that_is_down_is_retried(tmp_path, monkeypatch):
    address = f"http://127.0.0.1:{free_ports(1)[0]}"
    monkeypatch.setenv("TAXI_INTERNAL_ADDRESSES", address)
    with pytest.raises(AirflowException, match="could not be read") as error:
        fetch(f"{address}/trips.csv", tmp_path)
    assert not isinstance(error.value, AirflowFailException)


INTERNAL = [
    "127.0.0.1",
    "localhost",
    "2130706433",  # 127.0.0.1 as one number
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "10.0.0.1",
    "172.30.77.10",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",  # the metadata of a cloud's machine
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[64:ff9b::7f00:1]",
]


@pytest.mark.parametrize("host", INTERNAL)
def test_web_address_inside_the_network_is_refused_without_a_request(internal_web, host, tmp_path):
    port = urlsplit(internal_web).port
    with pytest.raises(BadSourceError, match="leads to an address inside the network"):
        fetch(f"http://{host}:{port}/trips.csv", tmp_path)


def test_redirect_leads_only_where_an_address_may_lead(web, tmp_path):
    port = urlsplit(web).port
    assert fetch(f"{web}/moved.csv?{web}/trips.csv", tmp_path).read_bytes() == CSV
    with pytest.raises(BadSourceError, match="leads to an address inside the network"):
        fetch(f"{web}/moved.csv?http://localhost:{port}/trips.csv", tmp_path)
    with pytest.raises(BadSourceError, match="is not a valid web address"):
        fetch(f"{web}/moved.csv?file:///etc/hostname", tmp_path)


def test_name_that_resolves_differently_the_next_time_gains_nothing(internal_web, tmp_path, monkeypatch):
    """The name server is played by the resolver's function: first a public address, then the loopback one."""
    answers, connected = ["93.184.216.34", "127.0.0.1"], []

    def resolve(host, port, *_, **__):
        address = host if host[0].isdigit() else answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self, address):
        connected.append(address[0])
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(AirflowException, match="could not be read"):
        fetch(f"http://rebinding.example:{urlsplit(internal_web).port}/trips.csv", tmp_path)
    assert connected == ["93.184.216.34"]


def test_web_address_that_make_run_was_given_may_be_inside_the_network(internal_web, tmp_path, monkeypatch):
    (given := tmp_path / "raw-data").write_text(f"/some/folder\n{internal_web}/trips.csv\n")
    monkeypatch.setenv("RAW_DATA_FILE", str(given))
    assert fetch(f"{internal_web}/trips.csv", tmp_path).read_bytes() == CSV


def test_file_that_became_a_link_out_of_the_roots_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("TAXI_DATA_ROOTS", str(root := tmp_path / "root"))
    root.mkdir()
    (root / "trips.csv").symlink_to("/etc/hostname")
    with pytest.raises(BadSourceError, match="is a path on the worker that runs may not read"):
        fetch(str(root / "trips.csv"), tmp_path)
