"""Inside its pod, a step has no privileges beyond those of the user it runs as."""

import pytest
from engine_support import finish_run
from users_flow import DAG, OTHER_USER, start_users

LIMITS = {"CapEff": 0, "CapBnd": 0, "NoNewPrivs": 1, "Seccomp": 2}  # 2: filtered


@pytest.fixture(scope="module")
def artifacts(kube_stack, tmp_path_factory):
    """What the steps found, by the name of the artifact."""
    run_id = start_users(kube_stack, tmp_path_factory.mktemp("users"))
    _, run = finish_run(kube_stack, DAG, run_id)
    assert run["successful"]
    tasks = [task for tasks in run["steps"].values() for task in tasks]
    return {name: value for task in tasks for name, value in task["artifacts"].items()}


def test_a_step_runs_without_root_capabilities_and_service_account_token(artifacts):
    assert artifacts["usual"] == {"user": 1000, "token": False, **LIMITS}


def test_a_step_can_run_as_a_user_unknown_to_its_image_and_with_the_account_it_names(artifacts):
    assert artifacts["other"] == {"user": OTHER_USER, "token": True, **LIMITS}
