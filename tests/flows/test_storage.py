"""Files by address: local ones, and those in S3 through Metaflow's client."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest
from taxi.errors import UnusableAddressError, UnusableFeaturesError
from taxi.storage import local_copy, new_file

from tests.support.flow_home import INCLUDE


@pytest.mark.parametrize("address", ["nowhere.parquet", "/"])
def test_local_address_without_a_file_is_refused(address):
    with pytest.raises(UnusableFeaturesError, match=f"no file {address}: run the DAG"), local_copy(address):
        pass


@pytest.mark.parametrize(
    "address", ["https://example.com/f.parquet", "s3://taxi-data", "s3://taxi-data/raw/"]
)
def test_address_of_another_kind_is_refused(address):
    problem = f"^{address} is neither a file in S3"
    with pytest.raises(UnusableAddressError, match=problem), local_copy(address):
        pass


def test_new_file_in_a_directory_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(UnusableAddressError, match="create it or"), new_file(str(tmp_path / "none" / "p")):
        pass


def test_new_file_in_place_of_a_directory_is_refused(tmp_path):
    with pytest.raises(UnusableAddressError, match="it is a directory"), new_file(str(tmp_path)):
        pass


def test_unfinished_new_file_leaves_the_old_one(tmp_path):
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


ADDRESSES_OF_OTHERS = ["/etc/hostname", "/no/such/file", "s3://metaflow/metaflow/data/1", "s3://taxi-data2/f"]


@pytest.mark.parametrize("address", ADDRESSES_OF_OTHERS)
@pytest.mark.parametrize("open_file", [local_copy, new_file])
def test_run_on_airflow_uses_no_file_of_the_worker_and_no_other_bucket(open_file, address, monkeypatch):
    monkeypatch.setenv("METAFLOW_RUNTIME_NAME", "airflow")
    problem = f"Runs on Airflow may not use {address}: "
    with pytest.raises(UnusableAddressError, match=problem), open_file(address):
        pass


def test_run_on_airflow_uses_files_below_the_configured_roots_and_no_link_out_of_them(tmp_path, monkeypatch):
    monkeypatch.setenv("METAFLOW_RUNTIME_NAME", "airflow")
    (other := tmp_path / "other").mkdir()
    (root := tmp_path / "root").mkdir()
    monkeypatch.setenv("TAXI_DATA_ROOTS", os.pathsep.join(["/no/such/root", str(root)]))
    with new_file(str(root / "p.parquet")) as path:
        path.write_text("predictions")
    with local_copy(str(root / "p.parquet")) as path:
        assert path.read_text() == "predictions"
    (root / "link").symlink_to(other)
    for address in (root / "link" / "p", root / ".." / "other" / "p", other / "p", f"{root}2/p"):
        with pytest.raises(UnusableAddressError, match="may not use"), new_file(str(address)):
            pass
    assert not list(other.iterdir())


@pytest.fixture
def python(s3, tmp_path):
    """Run Python with the settings of the stack's S3 server, as after sourcing its env file."""

    def run(*arguments):
        env = s3.env | {"PYTHONPATH": os.pathsep.join([str(INCLUDE), s3.env["PYTHONPATH"]])}
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    return run


@pytest.mark.parametrize("address", ["s3://taxi-data/no such file.parquet", "s3://no-such-bucket/f.parquet"])
def test_training_on_an_object_that_is_not_there_says_where_to_get_it(python, address):
    run = python(str(INCLUDE / "train_taxi_flow.py"), "run", "--features", address)
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    assert (
        run.stdout.count(f"Cannot read {address} (it does not exist): run the DAG data_engineering_dag") == 1
    )


def test_new_object_replaces_the_old_one_and_an_unfinished_one_does_not(python):
    code = """
from contextlib import suppress
from taxi.storage import local_copy, new_file
address = "s3://taxi-data/test of flows/it's new.txt"
for text, is_finished in [("old", True), ("half", False), ("new", True)]:
    with suppress(KeyError), new_file(address) as path:
        path.write_text(text)
        if not is_finished:
            raise KeyError
    with local_copy(address) as copy:
        print(copy.read_text())
"""
    run = python("-c", code)
    assert run.stdout.split() == ["old", "old", "new"], run.stderr
