"""The files that a source of raw data stands for."""

import pytest

from include.taxi_data.errors import BadSourceError
from include.taxi_data.sources import list_files, list_skipped
from tests.support.trip_files import AWKWARD_NAME

NAMES = ["b.csv", "a.CSV.gz", "c.parquet", "notes.txt", ".hidden.csv", "deep/d.csv"]


@pytest.fixture
def folder(source, tmp_path):
    for name in [*NAMES, AWKWARD_NAME]:
        source(f"data/{name}", b"x")
    return tmp_path / "data"


def test_no_source_stands_for_the_sample():
    assert list_files([]) == ["sample://2024-01.csv", "sample://2024-02.csv"]


def test_directory_stands_for_its_data_files_in_order_of_name(folder):
    (folder / AWKWARD_NAME).unlink()
    assert list_files([str(folder)]) == [str(folder / name) for name in ("a.CSV.gz", "b.csv", "c.parquet")]


def test_what_is_skipped_in_a_directory_is_listed(folder, s3):
    expected = [str(folder / ".hidden.csv"), f"{folder / 'deep'}/", str(folder / "notes.txt")]
    assert list_skipped([str(folder), str(folder / "b.csv"), str(folder / "*.csv")]) == expected
    for name in NAMES:
        s3.put(f"skipped/{name}", b"x")
    inbox = "s3://taxi-data/skipped"
    expected = [f"{inbox}/{name}" for name in (".hidden.csv", "deep/", "notes.txt")]
    assert list_skipped([inbox]) == list_skipped([f"{inbox}/"]) == expected
    assert list_skipped([f"{inbox}/*.csv", f"{inbox}/b.csv", "https://example.org/"]) == []


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("?.csv", ["b.csv"]),
        ("*.parquet", ["c.parquet"]),
        ("**/d.csv", ["deep/d.csv"]),
        ("[bc].*", ["b.csv", "c.parquet"]),
    ],
)
def test_glob_stands_for_the_files_it_matches(folder, pattern, names):
    assert list_files([str(folder / pattern)]) == [str(folder / name) for name in names]


def test_name_with_wildcards_in_it_stands_for_itself(folder):
    assert list_files([str(folder / AWKWARD_NAME)]) == [str(folder / AWKWARD_NAME)]


def test_order_and_repetitions_of_sources_are_kept(folder):
    path = str(folder / "b.csv")
    assert list_files([path, "https://example.org/x.csv?a=b", path]) == [
        path,
        "https://example.org/x.csv?a=b",
        path,
    ]


def test_s3_directory_glob_and_object(s3):
    for name in (*NAMES, AWKWARD_NAME):
        s3.put(f"inbox/{name}", b"x")
    inbox = "s3://taxi-data/inbox"
    expected = sorted(f"{inbox}/{name}" for name in ("a.CSV.gz", "b.csv", "c.parquet", AWKWARD_NAME))
    assert list_files([inbox]) == list_files([f"{inbox}/"]) == expected
    assert list_files([f"{inbox}/?.parquet"]) == [f"{inbox}/c.parquet"]
    assert list_files([f"{inbox}/notes.txt", f"{inbox}/{AWKWARD_NAME}"]) == [
        f"{inbox}/notes.txt",
        f"{inbox}/{AWKWARD_NAME}",
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing.csv", "does not exist"),
        ("*.json", "matches no file"),
        ("deep/none", "is a directory without"),
    ],
)
def test_source_without_files_is_refused(folder, name, problem):
    (folder / "deep" / "none").mkdir()
    with pytest.raises(BadSourceError, match=problem) as error:
        list_files([str(folder / name)])
    assert str(error.value).startswith(str(folder / name))
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("s3://taxi-data/none.csv", "neither an object nor a directory"),
        ("s3://taxi-data/none/*.csv", "matches no file"),
        ("s3://no-such-bucket/a.csv", "no-such-bucket/a.csv cannot be read with connection aws_default"),
        ("s3://No Bucket!/a.csv", "is not a valid S3 address"),
        ("ftp://example.org/a.csv", "is neither a path nor"),
        ("/etc/hostname", "is a path on the worker that runs may not read"),
        ("/etc/host*", "is a path on the worker that runs may not read"),
        ("/no/such/file", "is a path on the worker that runs may not read"),
        ("x\0", "is a path on the worker|cannot be looked up"),
    ],
)
def test_address_without_files_is_refused(s3, address, problem):
    with pytest.raises(BadSourceError, match=problem) as error:
        list_files([address])
    assert len(str(error.value).splitlines()) == 1


def test_path_in_a_root_that_cannot_be_looked_up_is_refused(folder):
    with pytest.raises(BadSourceError, match="cannot be looked up"):
        list_files([str(folder / ("x" * 5000))])


def test_only_paths_below_the_roots_are_listed_however_they_are_written(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TAXI_DATA_ROOTS", f"/no/such/root:{folder / 'deep'}")
    assert list_files([str(folder / "deep")]) == [str(folder / "deep" / "d.csv")]
    (folder / "deep" / "link").symlink_to(folder)
    outside = ["b.csv", "*.csv", "deep/../b.csv", "deep/link/b.csv", "deep/*/../../b.csv", "deep/**/b.csv"]
    for source in [str(folder), f"{folder}/deep2", *(str(folder / name) for name in outside)]:
        with pytest.raises(BadSourceError, match="is a path on the worker that runs may not read"):
            list_files([source])


def test_paths_that_make_run_was_given_are_listed(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("TAXI_DATA_ROOTS")
    (given := tmp_path / "raw-data").write_text(f"{folder / 'b.csv'}\nhttps://example.org/\n{folder}/deep\n")
    monkeypatch.setenv("RAW_DATA_FILE", str(given))
    for source in (str(folder / "b.csv"), str(folder / "deep" / "d.csv"), str(folder / "deep/*.csv")):
        assert len(list_files([source])) == 1
    with pytest.raises(BadSourceError, match="is a path on the worker that runs may not read"):
        list_files([str(folder / "c.parquet")])
