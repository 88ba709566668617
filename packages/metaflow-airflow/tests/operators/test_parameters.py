"""The values of a run's parameters that its starter chose: files are only those uploaded for the flow."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from airflow.sdk import DAG, Param
from metaflow_airflow.operators import Flow, StepOperator

RUN = SimpleNamespace(
    dag_id="F", run_id="manual__1", run_type="manual", run_after=datetime(2026, 1, 1, tzinfo=UTC), conf={}
)
SHA = "0123456789abcdef0123456789abcdef01234567"
NOTES = {"path": "F/00", "size": 1}
FLOW = Flow(name="F", file="f.py", package="F/data/00/00", included={"notes": NOTES})
UPLOADED = {
    "note": "Internal representation of IncludeFile",
    "type": "uploader-v2",
    "sub-type": "uploaded",
    "url": f"s3://bucket/root/data/F/{SHA}",
    "size": 5,
    "is_text": True,
    "encoding": "latin-1",
}
DESCRIBED = {"path": f"F/{SHA}", "size": 5, "is_text": True, "encoding": "latin-1"}
EXTERNAL = {"type": "uploader-v2", "sub-type": "external", "url": "local:///etc/passwd"}
FORGED = {
    "a file of the worker": EXTERNAL | {"is_text": True, "encoding": None, "size": 1},
    "a file of the worker, said to be uploaded": UPLOADED | {"url": "local:///etc/passwd"},
    "another object": UPLOADED | {"url": "s3://bucket/root/F/1/start/1/0.data.json"},
    "a file of another flow": UPLOADED | {"url": f"s3://bucket/root/data/G/{SHA}"},
    "a path that climbs": UPLOADED | {"url": f"s3://bucket/root/data/F/{SHA}/../../../secret"},
    "a suffix": UPLOADED | {"url": f"s3://bucket/root/data/F/{SHA}\n"},
    "not a hash": UPLOADED | {"url": f"s3://bucket/root/data/F/{SHA.upper()}"},
    "the older uploader": UPLOADED | {"type": "uploader-v1"},
    "no uploader": UPLOADED | {"type": "external"},
    "no size": {name: value for name, value in UPLOADED.items() if name != "size"},
    "an odd encoding": UPLOADED | {"encoding": ["utf-8"]},
    "nothing": {},
}


def task_of(value, flow=FLOW, **step):
    """Return the Metaflow task of a first step whose parameter `notes` was given."""
    params = {
        "notes": Param(None, type=["null", "string"], pattern="^[{]"),
        "text": Param("{", type="string"),
    }
    dag = DAG("F", params=params)
    step = StepOperator(task_id="start", flow=flow, dag=dag, **step)
    instance = SimpleNamespace(try_number=1, task_id="start", map_index=-1)
    values = {"notes": value, "text": "{"}
    return step.step_task({"ti": instance, "dag_run": RUN, "dag": dag, "params": values})


def test_a_file_that_was_uploaded_for_the_flow_is_looked_up_below_the_root_of_the_step():
    task = task_of(json.dumps(UPLOADED))
    assert task.included == {"notes": DESCRIBED}
    assert task.parameters == {"text": "{"}


def test_without_a_file_the_default_is_used():
    task = task_of(None)
    assert task.included == {"notes": NOTES}
    assert task.parameters == {"notes": None, "text": "{"}


@pytest.mark.parametrize("kind", FORGED)
def test_a_value_that_names_another_file_fails_the_run_with_one_message(kind):
    with pytest.raises(
        AirflowFailException, match="'notes' is not a file that was uploaded for F: start the"
    ):
        task_of(json.dumps(FORGED[kind]))


@pytest.mark.parametrize("text", ["/etc/passwd", "{", "", "[" * 100_000, json.dumps(json.dumps(EXTERNAL))])
def test_any_other_text_fails_the_run_with_one_message(text):
    with pytest.raises(AirflowFailException, match="'notes' is not a file that was uploaded for F"):
        task_of(text)
