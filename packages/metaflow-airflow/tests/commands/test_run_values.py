"""What `airflow trigger` sends for what the user writes: the step gets the value that it gets with `run`."""

import json
import math
from datetime import date

import msgspec
import pytest
from airflow.sdk import Param
from engine_support import FLOWS, run_flow
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from metaflow import IncludeFile, JSONType, Parameter
from metaflow._vendor import click
from metaflow.includefile import IncludedFile
from metaflow_airflow.commands.run_values import UnsupportedValue, run_value
from metaflow_airflow.compiler.plan_values import param
from metaflow_airflow.compiler.read_parameters import read_parameter
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask, init_arguments

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


def parameter(**options):
    found = Parameter("p", **options)
    found.init()
    return found


def parsed(of, text):
    """Return what click makes of a text on the command line of `run`."""
    return click.types.convert_type(of.kwargs.get("type")).convert(text, None, None)


def arrived(of, text):
    """Return the value that a step gets for what a user wrote, through all that Airflow does with it."""
    sent = json.dumps(run_value("F", of, parsed(of, text), text), allow_nan=False)  # a request, the database
    received = msgspec.msgpack.decode(msgspec.msgpack.encode(json.loads(sent)))  # the task's process
    call = param(read_parameter(of))
    checked = Param(*call.positional, **call.keywords).resolve(received)
    task = StepTask("F", "f.py", "start", "r", "t", 0, 0, parameters={"p": checked})
    (option,) = (
        each for each in init_arguments(StepTask.from_json(task.to_json())) if each.startswith("--p=")
    )
    return parsed(of, option.removeprefix("--p="))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"default": 1.0}, "inf"),
        ({"default": 1.0}, "-Infinity"),
        ({"default": 1.0}, "nan"),
        ({"default": 1.0}, "1e400"),
        ({"default": 1}, str(2**63)),
        ({"default": 1}, str(-(2**70))),
        ({"type": click.IntRange()}, str(2**70)),
        ({"default": "x"}, "\udcff"),
    ],
)
def test_a_value_that_airflow_cannot_carry_is_refused_by_name(options, text):
    of = parameter(**options)
    with pytest.raises(UnsupportedValue, match=r"^--p .* cannot be sent to Airflow: "):
        run_value("F", of, parsed(of, text), text)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"default": 1.0}, "1e308"),
        ({"default": 1.0}, "-0.0"),
        ({"default": 1}, str(2**63 - 1)),
        ({"default": True}, "no"),
        ({"default": "x"}, "inf"),
        ({"default": "x"}, ""),
        ({"type": int}, "1_000"),
        ({"type": date.fromisoformat}, "2026-01-31"),
        ({"type": lambda text: text + "!"}, "once"),
        ({"type": complex}, "1j"),
        ({"type": click.DateTime()}, "2026-01-31"),
        ({"type": click.Choice(["A"], case_sensitive=False)}, "a"),
        ({"type": JSONType}, "[1e400, -Infinity]"),
        ({"type": JSONType}, f'{{"deep": [{2**70}]}}'),
        ({"type": JSONType}, '"\\ud800\\u0000"'),
        ({"type": JSONType}, '["\\u0000"]'),
        ({"type": JSONType}, '"null"'),
        ({"type": JSONType}, "null"),
    ],
)
def test_every_other_value_arrives_as_with_run(options, text):
    of = parameter(**options)
    assert repr(arrived(of, text)) == repr(parsed(of, text))


@settings(derandomize=True)
@given(JSON)
def test_any_json_value_arrives_as_with_run(value):
    of, text = parameter(type=JSONType), json.dumps(value)
    assert repr(arrived(of, text)) == repr(parsed(of, text))


def outcome(of, text):
    """Return what arrives for a text, or that it is refused."""
    try:
        return repr(arrived(of, text))
    except UnsupportedValue as refusal:
        return "refused by name" if str(refusal).startswith("--p ") else str(refusal)


def test_deeply_nested_json_arrives_as_with_run():
    of, text = parameter(type=JSONType), "[" * 300 + "]" * 300
    assert repr(arrived(of, text)) == repr(parsed(of, text))


@settings(derandomize=True)
@given(
    st.sampled_from([int, float, bool, str]),
    (st.integers() | st.floats() | st.booleans() | st.text(st.characters())).map(str),
)
def test_any_text_arrives_as_with_run_or_is_refused_by_name(kind, text):
    of = parameter(type=kind)
    try:
        expected = parsed(of, text)
    except click.BadParameter:  # as with `run`
        assume(False)
    assert outcome(of, text) in (repr(expected), "refused by name")


def test_numbers_that_are_not_json_stay_what_they_are_between_operator_and_step():
    values = {"a": math.inf, "b": [math.nan], "c": 2**70}
    task = StepTask("F", "f.py", "start", "r", "t", 0, 0, parameters=values)
    assert repr(StepTask.from_json(task.to_json()).parameters) == repr(values)


@pytest.mark.parametrize("text", ["inf", "nan", "1e400"])
def test_trigger_refuses_a_number_that_is_not_finite_before_it_asks_airflow(text, s3):
    done = run_flow(s3.env, FLOWS / "parameters.py", "airflow", "trigger", "--needed", "x", "--real", text)
    assert done.returncode == 1
    assert f"--real '{text}' cannot be sent to Airflow: JSON has only finite numbers" in done.stderr
    assert "Traceback" not in done.stderr


DESCRIPTION = {
    "type": "uploader-v2",
    "sub-type": "uploaded",
    "url": f"s3://bucket/root/data/F/{'a' * 40}",
    "size": 5,
    "is_text": True,
    "encoding": "utf-8",
}


def test_the_description_of_an_uploaded_file_may_be_given_instead_of_a_file():
    text = json.dumps(DESCRIPTION)
    assert run_value("F", IncludeFile("p"), IncludedFile(DESCRIPTION), text) == text


@pytest.mark.parametrize(
    "change",
    [{"sub-type": "external", "url": "local:///etc/passwd"}, {"url": f"s3://bucket/root/data/G/{'a' * 40}"}],
)
def test_the_description_of_any_other_file_is_refused(change):
    file = DESCRIPTION | change
    with pytest.raises(UnsupportedValue, match="--p is not a file that was uploaded for F: name a file on"):
        run_value("F", IncludeFile("p"), IncludedFile(file), json.dumps(file))
