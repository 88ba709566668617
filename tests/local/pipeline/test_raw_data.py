"""The sources that RAW_DATA names."""

from pathlib import Path

import pytest

from local.errors import StackError
from local.pipeline.raw_data import allow_raw_data, raw_data_sources
from local.stack.settings import load_settings


def test_raw_data_paths_become_absolute_and_addresses_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a b.csv", "it's ünï.csv", "one,two.csv"):
        (tmp_path / name).touch()
    addresses = ["https://host/a.parquet?x=1", "s3://bucket/raw/*.csv"]
    text = ",".join(["a b.csv", " it's ünï.csv", "*.csv", "", *addresses])
    assert raw_data_sources(text) == [
        str(tmp_path / "a b.csv"),
        str(tmp_path / "it's ünï.csv"),
        str(tmp_path / "*.csv"),
        *addresses,
    ]
    assert raw_data_sources("one,two.csv") == [str(tmp_path / "one,two.csv")]
    assert raw_data_sources("") == []
    with pytest.raises(StackError, match="check the path"):
        raw_data_sources("a b.csv,missing")


def test_sources_of_earlier_runs_stay_allowed_and_of_a_pattern_its_directory(
    tmp_path: Path,
) -> None:
    (name := tmp_path / "[1].csv").touch()
    settings = load_settings({"STACK_DIR": str(tmp_path)})
    allow_raw_data([str(name), "https://host/a.csv?x=[1]"], settings)
    allow_raw_data([f"{tmp_path}/months/*/[ab].csv", str(name)], settings)
    assert settings.raw_data_file.read_text().splitlines() == [
        str(name),
        "https://host/a.csv?x=[1]",
        f"{tmp_path}/months",
    ]
