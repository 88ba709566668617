"""The message about a pod that was lost or cannot start says what happened and what to do."""

import pytest
from described_pods import DELETED, RUNNING, UNSCHEDULABLE, ended, pod
from kubernetes.client import models as k8s
from metaflow_airflow.runners.kubernetes.pod_end_messages import end_of, gone, not_started
from metaflow_extensions.metaflow_airflow.plugins.airflow_task import reach

PREEMPTED = [
    k8s.V1PodCondition(
        type="DisruptionTarget",
        status="True",
        reason="PreemptionByScheduler",
        message="default-scheduler: preempting to accommodate a higher priority pod",
    )
]
ENDS = {
    "memory limit": (
        pod("Failed", ended(137, "OOMKilled"), {"memory": "128M"}),
        "Step 'train' used more memory than its limit of 128M: request more with @resources(memory=...).",
    ),
    "no memory limit": (pod("Failed", ended(137, "OOMKilled")), "(requested: 128M, limit: none)"),
    "killed": (pod("Failed", ended(137)), "was killed, probably because its node ran out of memory"),
    "evicted": (
        pod("Failed", reason="Evicted", message="The node was low on resource: memory. "),
        "The pod of step 'train' was evicted from node 'node-7' (The node was low on resource: memory.)",
    ),
    "preempted": (pod("Failed", ended(143), conditions=PREEMPTED), "(default-scheduler: preempting to"),
    "node lost": (pod("Failed", reason="NodeLost"), "from node 'node-7' (NodeLost)"),
    "deleted": (
        pod("Running", ended(143), deleted=DELETED),
        "The pod 'flow-train-1' of step 'train' was deleted while it was running, but not by Airflow",
    ),
    "deadline": (pod("Failed", reason="DeadlineExceeded"), "reached its execution timeout"),
    "no shell": (
        pod("Failed", ended(128, "StartError", 'exec: "bash": not found')),
        "Step 'train' cannot start in image 'x:1' (exec: \"bash\": not found)",
    ),
    "no capacity": (
        pod("Failed", reason="OutOfcpu", message="Pod Node didn't have enough resource: cpu"),
        "failed before the step started (OutOfcpu: Pod Node didn't",
    ),
    "unreachable": (pod("Failed", ended(reach.UNREACHABLE, message="Pods cannot reach S3.")), "Pods cannot"),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_failure_outside_the_step_is_one_message(name):
    seen, message = ENDS[name]
    why = end_of(seen).why
    assert message in why
    assert why.endswith(".")
    assert "\n" not in why


@pytest.mark.parametrize("seen", [pod("Failed", ended(1)), pod("Failed", ended(reach.UNREACHABLE))])
def test_a_failure_of_the_step_itself_needs_no_message(seen):
    end = end_of(seen)
    assert (end.why, end.reason) == ("", "Error")


def test_a_step_that_succeeded_did_so_although_its_pod_was_deleted():
    end = end_of(pod("Running", ended(0, "Completed", "{}"), deleted=DELETED))
    assert (end.exit_code, end.message, end.why) == (0, "{}", "")


@pytest.mark.parametrize(
    ("node_problem", "message"),
    [
        ("no longer exists", "The node 'node-7' of step 'train' no longer exists, so the pod is lost"),
        ("", "was deleted while it was running"),
    ],
)
def test_a_pod_that_no_longer_exists(node_problem, message):
    assert message in gone(pod(state=RUNNING), node_problem)


def test_an_unschedulable_pod_is_reported_with_the_scheduler_message():
    assert "(0/1 nodes are available: 1 Insufficient cpu.)" in not_started(
        pod("Pending", conditions=UNSCHEDULABLE), 60
    )
