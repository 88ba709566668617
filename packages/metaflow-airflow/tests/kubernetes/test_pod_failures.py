"""A pod's failure is one message in Airflow's log: what happened, and what to do."""

import re

import pytest
from engine_support import wait_until
from pod_failures import FAILURES, pods_of

pytestmark = pytest.mark.timeout(1500)  # all flows run at once, so one may take as long as all together
QUICK_SECONDS = 150  # on a busy machine; a failure must last for 20 of them


@pytest.fixture(params=FAILURES)
def failed_run(request, failing_runs, shapes_started, kube_stack):
    """A flow's name, and its run once it has failed; meanwhile the shapes of the next tests run."""
    run_id = failing_runs[request.param].result()
    return request.param, kube_stack.rest.wait(request.param, run_id, timeout=900)


def test_a_failure_is_one_message_that_says_what_to_do(failed_run, kube_stack, core):
    name, run = failed_run
    assert run.state == "failed"
    lines = kube_stack.rest.log(name, run.dag_run_id, "only", 1)
    assert [line for line in lines if re.search(FAILURES[name].message, line)], lines
    assert "Traceback" not in "\n".join(lines)
    wait_until(lambda: not pods_of(core, name), 120)


@pytest.mark.parametrize(
    "failed_run",
    ["MissingImage", "MissingSecret", "NoStorage", "NoMetadata", "NoAccount", "NoSecret"],
    indirect=True,
)
def test_a_permanent_problem_fails_the_step_soon(failed_run, kube_stack):
    name, run = failed_run
    (task,) = kube_stack.rest.task_instances(name, run.dag_run_id)
    assert (task.end_date - task.start_date).total_seconds() < QUICK_SECONDS
