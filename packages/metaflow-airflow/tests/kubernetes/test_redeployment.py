"""Pods too run the version of the flow that their run started with."""

import pytest
from engine_support import start_run
from redeployment import DAG, Redeployment, described

pytestmark = pytest.mark.timeout(1500)


def test_pods_that_start_after_a_redeployment_run_the_runs_version(kube_stack, tmp_path):
    redeployment = Redeployment(kube_stack, tmp_path)
    redeployment.deploy("one")
    redeployment.run_id = start_run(kube_stack, DAG)
    assert kube_stack.rest.wait(DAG, redeployment.run_id, timeout=600).state == "success"
    redeployment.deploy("two")
    assert redeployment.clear("start", "end").state == "success"
    assert redeployment.seen() == {"start": described("one"), "end": described("one")}
