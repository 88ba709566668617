"""What goes wrong with a pod is one sentence in Airflow's log: what happened, and what to do."""

import re

import pytest
from engine_support import wait_until
from pod_troubles import TROUBLES, pods_of

pytestmark = pytest.mark.timeout(1500)  # all flows run at once, so one may take as long as they all
QUICK_SECONDS = 150  # on a busy machine; of it, 20 to be sure


@pytest.fixture(params=TROUBLES)
def trouble(request, troubles_started, kube_stack):
    """A flow's name, and its run once it has failed."""
    run_id = troubles_started[request.param].result()
    return request.param, kube_stack.rest.wait(request.param, run_id, timeout=900)


def test_it_is_told_in_one_sentence_that_says_what_to_do(trouble, kube_stack, core):
    name, run = trouble
    assert run.state == "failed"
    lines = kube_stack.rest.log(name, run.dag_run_id, "only", 1)
    assert [line for line in lines if re.search(TROUBLES[name].sentence, line)], lines
    assert "Traceback" not in "\n".join(lines)
    wait_until(lambda: not pods_of(core, kube_stack, name), 120)


@pytest.mark.parametrize(
    "trouble",
    ["MissingImage", "MissingSecret", "NoStorage", "NoMetadata", "NoAccount"],
    indirect=True,
)
def test_what_cannot_get_better_fails_soon(trouble, kube_stack):
    name, run = trouble
    (task,) = kube_stack.rest.task_instances(name, run.dag_run_id)
    assert (task.end_date - task.start_date).total_seconds() < QUICK_SECONDS
