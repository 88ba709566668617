"""Airflow shows the name that a step's process has left, rendered as Airflow itself renders it."""

import json
from types import SimpleNamespace

import pytest
from airflow.sdk import DAG
from airflow.sdk.execution_time.task_runner import _render_map_index
from metaflow_airflow.runners.task_name import show_task_name
from structlog import get_logger


def rendered(left, map_index=2, **options):
    """Return what Airflow renders for a task whose process left this text; None for the plain number."""
    dag = DAG("F", **options)
    instance = SimpleNamespace(map_index=map_index, rendered_map_index=None, task=SimpleNamespace(dag=dag))
    context = {"ti": instance, "dag": dag, "map_index_template": None}
    show_task_name(context, left)
    found = _render_map_index(context, ti=instance, log=get_logger())
    assert instance.rendered_map_index in (None, (found or "").strip())
    return found


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("name", ["boosted_pace", "north, 2", "3", "{{ 1+1 }} {% x %}", "<b>", "ünï 🚕"])
def test_the_name_is_shown_as_it_is(name, complete):
    assert rendered(json.dumps({"name": name, "complete": complete})) == name


@pytest.mark.parametrize("name", ["3", "[1]", "'a'", "None", "1, 2", "a"])
def test_a_name_stays_text_in_a_dag_that_renders_templates_as_objects(name):
    found = rendered(json.dumps({"name": name}), render_template_as_native_obj=True)
    assert (type(found), found.strip()) == (str, name)


@pytest.mark.parametrize(
    "left", ["", "{}", '{"splits": 2}', '{"name": nul', "Pods cannot reach S3.", "3", "null", "[1]"]
)
def test_without_a_name_the_number_is_shown(left):
    assert rendered(left) is None


def test_a_task_that_is_not_mapped_has_no_name():
    assert rendered('{"name": "a"}', map_index=-1) is None
