"""Rules about the options of `airflow create`."""

from dataclasses import replace

import pytest
from flow_models import only_problem
from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.rules.options import limits, pool, tags, texts

PLAIN = Deployment("F", "f.py", "d.py")


def test_tags_finds_one_that_airflow_cannot_store():
    deployment = replace(PLAIN, tags=("fine" * 25, "long" * 26))
    assert "it has 104 characters, and Airflow stores at most 100" in only_problem(tags, deployment)
    assert not list(tags(replace(deployment, task_group=True)))  # its tags are those of Metaflow runs only


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workflow_timeout": 10**10}, "--workflow-timeout 10000000000: it is longer than 100 years"),
        ({"max_workers": 2**31}, "--max-workers 2147483648: Airflow stores at most 2147483647"),
    ],
)
def test_limits_names_the_option(options, message):
    assert message in only_problem(limits, replace(PLAIN, **options))


def test_pool_finds_a_name_that_no_pool_can_have():
    assert "at most 256 characters" in only_problem(pool, replace(PLAIN, worker_pool="p" * 257))


@pytest.mark.parametrize(
    "options",
    [{"tags": ("a\ud800",)}, {"namespace": "\ud800"}, {"worker_pool": "\0"}, {"production_token": "\udcff"}],
)
def test_texts_names_the_option_that_is_not_unicode(options):
    assert "Airflow cannot store it: the text " in only_problem(texts, replace(PLAIN, **options)).replace(
        "Airflow's database may not store NUL characters", "the text "
    )
