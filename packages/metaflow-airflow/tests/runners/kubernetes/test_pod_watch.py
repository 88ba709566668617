"""When the wait for a pod is over, and when it is not."""

import pytest
from described_pods import DELETED, NOW, RUNNING, UNSCHEDULABLE, ended, pod, waiting
from metaflow_airflow.runners.kubernetes import pod_watch
from metaflow_airflow.runners.kubernetes.pod_watch import PodWatch

MISSING_IMAGE = 'rpc error: code = NotFound desc = failed to pull and unpack image "x:1": not found'
ROOT = 'container has runAsNonRoot and image will run as root (pod: "p", container: base)'
NAMED_USER = "container has runAsNonRoot and image has non-numeric user (ml), cannot verify user is non-root"
PROBLEMS = {
    "image": (waiting("ErrImagePull", MISSING_IMAGE), "The image 'x:1' of step 'train' cannot be pulled"),
    "name": (waiting("InvalidImageName", "couldn't parse"), "(InvalidImageName: couldn't parse)"),
    "secret": (waiting("CreateContainerConfigError", 'secret "s" not found'), '(secret "s" not found)'),
    "root": (waiting("CreateContainerConfigError", ROOT), "The image 'x:1' of step 'train' has no user that"),
    "user": (waiting("CreateContainerConfigError", NAMED_USER), "give the image a numeric user, or name one"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_pod_that_cannot_start_is_given_up_after_some_seconds(name):
    seen, message = PROBLEMS[name]
    watch = PodWatch(3600, None)
    assert watch.look(seen, NOW) is None
    assert watch.look(seen, NOW + pod_watch.SURE_SECONDS - 1) is None
    assert message in watch.look(seen, NOW + pod_watch.SURE_SECONDS)


def test_the_last_pull_error_counts_until_the_next_try():
    watch = PodWatch(3600, None)
    assert watch.look(waiting("ErrImagePull", MISSING_IMAGE), NOW) is None
    why = watch.look(waiting("ImagePullBackOff", 'Back-off pulling image "x:1"'), NOW + 30)
    assert "cannot be pulled" in why


@pytest.mark.parametrize(
    "seen",
    [
        waiting("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout"),
        waiting("ImagePullBackOff", 'Back-off pulling image "x:1"'),
        waiting("ContainerCreating"),
    ],
)
def test_a_pull_that_is_slow_or_may_still_succeed_is_waited_for(seen):
    watch = PodWatch(3600, None)
    assert [watch.look(seen, NOW + seconds) for seconds in range(0, 3600, 10)] == [None] * 360
    assert "did not start within 3600 s" in watch.look(seen, NOW + 3600)


def test_a_problem_that_goes_away_is_forgotten():
    secret = PROBLEMS["secret"][0]
    watch = PodWatch(3600, None)
    seen = [secret, waiting("ContainerCreating"), secret, pod(state=RUNNING)]
    assert [watch.look(each, NOW + 15 * index) for index, each in enumerate(seen)] == [None] * 4


def test_the_wait_ends_at_the_execution_timeout():
    watch = PodWatch(3600, NOW + 10)
    assert watch.look(pod(state=RUNNING), NOW) is None
    assert "execution timeout" in watch.look(pod(state=RUNNING), NOW + 10)
    assert watch.look(pod("Succeeded", ended(0)), NOW + 10) == ""


def test_a_node_that_does_not_confirm_a_deletion_is_lost():
    deleted = pod(state=RUNNING, deleted=DELETED)
    watch = PodWatch(3600, None)
    assert watch.look(deleted, NOW + pod_watch.LOST_SECONDS) is None
    assert "does not respond" in watch.look(deleted, NOW + pod_watch.LOST_SECONDS + 1)


def test_the_reason_for_waiting_is_reported_once():
    watch = PodWatch(3600, None)
    seen = [pod("Pending", conditions=UNSCHEDULABLE)] * 2 + [waiting("ContainerCreating"), pod(state=RUNNING)]
    assert [watch.news(each) for each in seen] == [
        "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.",
        "",
        "ContainerCreating",
        "",
    ]
