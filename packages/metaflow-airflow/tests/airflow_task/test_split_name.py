"""The name of a mapped task says which splits it is for, whatever their values are."""

import pytest
from metaflow import FlowSpec
from metaflow.tuple_util import ForeachFrame
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.split_name import split_name

AIRFLOW_CHARACTERS = 250  # of the column in Airflow's database
POD_BYTES = 4096  # of the message that a pod leaves


class NoRepr:
    def __repr__(self):
        raise ValueError("no repr")


def frame(item, index=7):
    """Return the frame that Metaflow keeps for a split."""
    return ForeachFrame("step", "items", 10, index, FlowSpec._get_foreach_item_value(None, item))


NAMES = {
    "text": ("boosted_pace", "boosted_pace"),
    "number": (3, "3"),
    "fraction": (0.5, "0.5"),
    "truth": (False, "False"),
    "nothing": (None, "None"),
    "pair": (("north", 2), "('north', 2)"),
    "empty": ("", "''"),
    "blank": (" \t", "' \\t'"),
    "lines": ("two\nlines\r\n", r"two\nlines\r\n"),
    "control characters": ("a\x00b\x1b[31m", r"a\x00b\x1b[31m"),
    "reversed text": ("a\u202eb\u200b", r"a\u202eb\u200b"),
    "half a character": ("a\ud83d", r"a\ud83d"),
    "another script": ("ünï 日本 🚕", "ünï 日本 🚕"),
    # Airflow's pages show text as text: nothing to escape here, or people would see the escapes.
    "markup": ("<b>{{ 1+1 }}</b>", "<b>{{ 1+1 }}</b>"),
    "long text": ("x" * 1000, "x" * 30 + "… #7"),
    "a path": ("s3://lake/trips/year=2024/month=01.parquet", "s3://lake/trips/year=2024/mont… #7"),
}


@pytest.mark.parametrize("kind", NAMES)
def test_the_name_is_the_value_of_the_split(kind):
    item, name = NAMES[kind]
    assert split_name([frame(item)]) == name


def test_all_levels_are_named_outermost_first():
    assert split_name([frame("north"), frame(2), frame("a")]) == "north, 2, a"


def test_a_task_outside_of_a_foreach_has_no_name():
    assert split_name([]) is None


def test_without_values_the_levels_are_numbered():
    assert split_name([ForeachFrame("step", "items", 10, 4), frame("a")]) == "4, a"


def test_values_that_begin_alike_have_different_names():
    paths = [f"s3://lake/trips/year=2024/month={month:02}.parquet" for month in range(1, 13)]
    assert len({split_name([frame(path, index)]) for index, path in enumerate(paths)}) == 12


ODD = [NoRepr(), "\U000e0001" * 99, "\x00" * 99, "🚕" * 99, {"key": ["x" * 5000] * 50}, "x" * 10**6, 10**4000]


@pytest.mark.parametrize("levels", [1, 2, 5, 40, 300])
@pytest.mark.parametrize("item", ODD, ids=range(len(ODD)))
def test_every_name_is_printable_and_fits_into_airflow_and_the_result_of_a_pod(item, levels):
    name = split_name([frame(item)] * levels)
    assert name.isprintable()
    assert 0 < len(name) <= AIRFLOW_CHARACTERS
    assert len(StepResult(name=name, next="a_step" * 20, task="a_step" * 20).to_json()) < POD_BYTES
