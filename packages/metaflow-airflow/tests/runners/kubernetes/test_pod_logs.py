"""A pod's log that is read in pieces has every line once."""

from datetime import UTC, datetime

import pytest
from metaflow_airflow.runners.kubernetes.pod_logs import lines_after, since_seconds


def test_each_line_is_in_one_piece():
    lines = [f"2026-11-23T04:41:11.{index:09d}Z line {index}" for index in range(5)]
    first = list(lines_after(lines[:3], None))
    assert [text for _, text in first] == ["line 0", "line 1", "line 2"]
    assert [text for _, text in lines_after(lines, first[-1][0])] == ["line 3", "line 4"]


def test_a_message_from_kubernetes_is_not_a_line_of_the_log():
    message = ["unable to retrieve container logs for containerd://037e", ""]
    assert list(lines_after(message, None)) == []
    assert list(lines_after(message, "2026-11-23T04:41:11.123456789Z")) == []


@pytest.mark.parametrize("last", ["2026-11-23T04:41:11.123456789Z", "2026-11-23T05:41:11.123456789+01:00"])
def test_a_piece_starts_shortly_before_the_last_line(last):
    now = datetime(2026, 11, 23, 4, 41, 21, 500, tzinfo=UTC)
    assert since_seconds(last, now) == 13
    assert since_seconds(None, now) is None
