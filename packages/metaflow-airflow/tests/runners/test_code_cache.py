"""A worker's cache of code packages: private, verified at each use, repaired and bounded."""

import hashlib
import os
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_airflow.runners import code_cache
from metaflow_airflow.runners.code_cache import cached_package


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The path of an empty cache, which does not exist yet."""
    monkeypatch.setenv("AIRFLOW__METAFLOW__CODE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Datastore:
    """Counts the downloads of one package."""

    def __init__(self, content):
        self.content, self.downloads = content, 0
        self.sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()

    def fetch(self):
        self.downloads += 1
        return self.content

    def get(self):
        return cached_package(self.sha1, self.fetch)


def test_a_package_is_downloaded_once(cache):
    store = Datastore(b"package")
    assert [store.get(), store.get()] == [b"package"] * 2
    assert store.downloads == 1
    assert cache.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"other code"),
        lambda file: file.write_bytes(b""),
        lambda file: file.unlink(),
        lambda file: (file.unlink(), file.symlink_to("/etc/passwd")),
    ],
    ids=["changed", "emptied", "removed", "replaced by a link"],
)
def test_a_damaged_package_is_replaced(damage, cache):
    store = Datastore(b"package")
    store.get()
    damage(cache / f"{store.sha1}.tgz")
    assert store.get() == b"package"
    assert (cache / f"{store.sha1}.tgz").read_bytes() == b"package"
    assert not (cache / f"{store.sha1}.tgz").is_symlink()


def test_what_a_killed_download_left_is_removed(cache):
    cache.mkdir(mode=0o700)
    (cache / ".draft").write_bytes(b"half a pack")
    store = Datastore(b"package")
    assert store.get() == b"package"
    assert [file.name for file in cache.iterdir()] == [f"{store.sha1}.tgz"]


def test_the_cache_keeps_what_was_used_last(cache, monkeypatch):
    monkeypatch.setattr(code_cache, "LARGEST", 250)
    first, second, third = (Datastore(letter * 100) for letter in (b"a", b"b", b"c"))
    for age, store in enumerate([first, second]):
        store.get()
        os.utime(cache / f"{store.sha1}.tgz", (age, age))
    first.get()
    third.get()
    assert {file.name for file in cache.iterdir()} == {f"{first.sha1}.tgz", f"{third.sha1}.tgz"}


def make_link(path):
    (path.parent / "elsewhere").mkdir()
    path.symlink_to(path.parent / "elsewhere")


def make_open_to_others(path):
    path.mkdir()
    path.chmod(0o777)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_link, "is a link, not a directory: set AIRFLOW__METAFLOW__CODE_CACHE"),
        (make_open_to_others, "Other users can write to the code cache .*: run `chmod go-w` on it"),
        (lambda path: path.write_text(""), "cannot be used: File exists"),
    ],
    ids=["a link", "writable by others", "a file"],
)
def test_a_cache_that_others_could_change_is_refused(make, message, cache):
    make(cache)
    with pytest.raises(AirflowFailException, match=message):
        Datastore(b"package").get()


def test_a_cache_of_another_user_is_refused(tmp_path, monkeypatch):
    foreign = tmp_path if os.getuid() == 0 else Path("/")
    if os.getuid() == 0:
        os.chown(foreign, 12345, -1)
    monkeypatch.setenv("AIRFLOW__METAFLOW__CODE_CACHE", str(foreign))
    with pytest.raises(
        AirflowFailException, match="belongs to another user: set AIRFLOW__METAFLOW__CODE_CACHE"
    ):
        Datastore(b"package").get()
