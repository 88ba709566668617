"""The ports of a stack: from the environment, from the last start, or the defaults."""

from pathlib import Path

import pytest

from local.stack.ports import (
    DEFAULT_AIRFLOW_PORT,
    DEFAULT_S3_PORT,
    INTERNAL_PORTS,
    Ports,
    complete_ports,
    read_ports,
)


def test_a_new_stack_has_the_default_ports(tmp_path: Path) -> None:
    assert read_ports({}, tmp_path) == Ports(DEFAULT_S3_PORT, DEFAULT_AIRFLOW_PORT)


def test_the_ports_of_the_last_start_are_kept_unless_the_environment_changes_them(tmp_path: Path) -> None:
    first = complete_ports(read_ports({"S3_PORT": "23456", "AIRFLOW_PORT": "23457"}, tmp_path), tmp_path)
    assert set(first.internal) == set(INTERNAL_PORTS)
    assert len(first.all) == len(INTERNAL_PORTS) + 2
    assert read_ports({}, tmp_path) == first
    assert read_ports({"S3_PORT": "23458"}, tmp_path) == Ports(23458, 23457, first.internal)


@pytest.mark.parametrize("content", ["", "{", '{"s3": 1'])
def test_an_incomplete_file_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    assert read_ports({}, tmp_path) == Ports(DEFAULT_S3_PORT, DEFAULT_AIRFLOW_PORT)
