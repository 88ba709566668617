"""Why a pod ended or cannot start, in one sentence; when the wait for it is over; its log, each line once."""

import socket
from datetime import UTC, datetime

import pytest
from kubernetes.client import models as k8s
from metaflow_airflow.runners.kubernetes import watch as pod_watch
from metaflow_airflow.runners.kubernetes.ends import end_of, gone, not_started
from metaflow_airflow.runners.kubernetes.errors import refusal
from metaflow_airflow.runners.kubernetes.logs import lines_after, since_seconds
from metaflow_airflow.runners.kubernetes.watch import PodWatch
from metaflow_extensions.metaflow_airflow.plugins.airflow_task import reach

NOW = 1_800_000_000.0
MISSING_IMAGE = 'rpc error: code = NotFound desc = failed to pull and unpack image "x:1": not found'


def pod(phase="Running", state=None, limits=None, deleted=None, conditions=None, **status):
    """Return a pod as Kubernetes describes one; `state` is its container's."""
    statuses = [
        k8s.V1ContainerStatus(
            name="base", state=state, image="x:1", image_id="", ready=False, restart_count=0
        )
    ]
    resources = k8s.V1ResourceRequirements(requests={"memory": "128M"}, limits=limits)
    return k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(
            name="flow-train-1",
            namespace="flows",
            annotations={"metaflow/step_name": "train"},
            deletion_timestamp=deleted,
        ),
        spec=k8s.V1PodSpec(
            node_name="node-7",
            containers=[k8s.V1Container(name="base", image="x:1", resources=resources)],
        ),
        status=k8s.V1PodStatus(
            phase=phase, container_statuses=statuses if state else None, conditions=conditions, **status
        ),
    )


def ended(exit_code, reason="Error", message=None):
    return k8s.V1ContainerState(
        terminated=k8s.V1ContainerStateTerminated(exit_code=exit_code, reason=reason, message=message)
    )


def waiting(reason, message=""):
    state = k8s.V1ContainerState(waiting=k8s.V1ContainerStateWaiting(reason=reason, message=message))
    return pod("Pending", state)


RUNNING = k8s.V1ContainerState(running=k8s.V1ContainerStateRunning())
UNSCHEDULABLE = [
    k8s.V1PodCondition(
        type="PodScheduled",
        status="False",
        reason="Unschedulable",
        message="0/1 nodes are available: 1 Insufficient cpu.",
    )
]
TAKEN = [
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
        "Step 'train' used more memory than its limit of 128M: ask for more with @resources(memory=...).",
    ),
    "no memory limit": (pod("Failed", ended(137, "OOMKilled")), "it asked for 128M, with no limit"),
    "killed": (pod("Failed", ended(137)), "as Linux does when a node has no memory left"),
    "evicted": (
        pod("Failed", reason="Evicted", message="The node was low on resource: memory. "),
        "The pod of step 'train' was evicted from node 'node-7' (The node was low on resource: memory.)",
    ),
    "preempted": (pod("Failed", ended(143), conditions=TAKEN), "(default-scheduler: preempting to"),
    "node lost": (pod("Failed", reason="NodeLost"), "from node 'node-7' (NodeLost)"),
    "deleted": (
        pod("Running", ended(143), deleted=datetime.fromtimestamp(NOW, UTC)),
        "The pod 'flow-train-1' of step 'train' was deleted while it ran, and not by Airflow",
    ),
    "deadline": (pod("Failed", reason="DeadlineExceeded"), "reached its execution timeout"),
    "no shell": (
        pod("Failed", ended(128, "StartError", 'exec: "bash": not found')),
        "Step 'train' cannot start in image 'x:1' (exec: \"bash\": not found)",
    ),
    "no room": (
        pod("Failed", reason="OutOfcpu", message="Pod Node didn't have enough resource: cpu"),
        "failed before the step began (OutOfcpu: Pod Node didn't",
    ),
    "unreachable": (pod("Failed", ended(reach.UNREACHABLE, message="Pods cannot reach S3.")), "Pods cannot"),
}


@pytest.mark.parametrize("name", ENDS)
def test_an_end_that_is_not_the_step_s_doing_is_one_sentence(name):
    seen, sentence = ENDS[name]
    why = end_of(seen).why
    assert sentence in why
    assert why.endswith(".")
    assert "\n" not in why


@pytest.mark.parametrize("seen", [pod("Failed", ended(1)), pod("Failed", ended(reach.UNREACHABLE))])
def test_a_step_that_failed_by_itself_speaks_for_itself(seen):
    end = end_of(seen)
    assert (end.why, end.reason) == ("", "Error")


def test_a_step_that_ended_well_did_so_although_its_pod_was_deleted():
    end = end_of(pod("Running", ended(0, "Completed", "{}"), deleted=datetime.fromtimestamp(NOW, UTC)))
    assert (end.exit_code, end.message, end.why) == (0, "{}", "")


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ("is gone", "The node 'node-7' of step 'train' is gone, and the pod with it"),
        ("", "was deleted while it ran"),
    ],
)
def test_a_pod_that_disappeared(node, sentence):
    assert sentence in gone(pod(state=RUNNING), node)


TROUBLE = {
    "image": (waiting("ErrImagePull", MISSING_IMAGE), "The image 'x:1' of step 'train' cannot be pulled"),
    "name": (waiting("InvalidImageName", "couldn't parse"), "(InvalidImageName: couldn't parse)"),
    "secret": (waiting("CreateContainerConfigError", 'secret "s" not found'), '(secret "s" not found)'),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_pod_that_cannot_start_is_given_up_once_that_is_sure(name):
    seen, sentence = TROUBLE[name]
    watch = PodWatch(3600, None)
    assert watch.look(seen, NOW) is None
    assert watch.look(seen, NOW + pod_watch.SURE_SECONDS - 1) is None
    assert sentence in watch.look(seen, NOW + pod_watch.SURE_SECONDS)


def test_between_two_tries_to_pull_the_last_answer_counts():
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
def test_a_pull_that_is_slow_or_may_succeed_is_waited_for(seen):
    watch = PodWatch(3600, None)
    assert [watch.look(seen, NOW + seconds) for seconds in range(0, 3600, 10)] == [None] * 360
    assert "did not start within 3600 s" in watch.look(seen, NOW + 3600)


def test_trouble_that_passes_is_forgotten():
    secret = TROUBLE["secret"][0]
    watch = PodWatch(3600, None)
    seen = [secret, waiting("ContainerCreating"), secret, pod(state=RUNNING)]
    assert [watch.look(each, NOW + 15 * index) for index, each in enumerate(seen)] == [None] * 4


def test_a_pod_without_a_node_says_what_is_missing():
    assert "(0/1 nodes are available: 1 Insufficient cpu.)" in not_started(
        pod("Pending", conditions=UNSCHEDULABLE), 60
    )


def test_a_step_whose_time_is_over_is_not_waited_for():
    watch = PodWatch(3600, NOW + 10)
    assert watch.look(pod(state=RUNNING), NOW) is None
    assert "execution timeout" in watch.look(pod(state=RUNNING), NOW + 10)
    assert watch.look(pod("Succeeded", ended(0)), NOW + 10) == ""


def test_a_node_that_does_not_confirm_a_deletion_is_lost():
    deleted = pod(state=RUNNING, deleted=datetime.fromtimestamp(NOW, UTC))
    watch = PodWatch(3600, None)
    assert watch.look(deleted, NOW + pod_watch.LOST_SECONDS) is None
    assert "does not answer" in watch.look(deleted, NOW + pod_watch.LOST_SECONDS + 1)


def test_what_a_pod_waits_for_is_news_once():
    watch = PodWatch(3600, None)
    seen = [pod("Pending", conditions=UNSCHEDULABLE)] * 2 + [waiting("ContainerCreating"), pod(state=RUNNING)]
    assert [watch.news(each) for each in seen] == [
        "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.",
        "",
        "ContainerCreating",
        "",
    ]


def test_a_log_read_in_pieces_has_every_line_once():
    lines = [f"2026-11-23T04:41:11.{index:09d}Z line {index}" for index in range(5)]
    first = list(lines_after(lines[:3], None))
    assert [text for _, text in first] == ["line 0", "line 1", "line 2"]
    assert [text for _, text in lines_after(lines, first[-1][0])] == ["line 3", "line 4"]


def test_what_kubernetes_says_in_a_log_s_place_is_no_line_of_it():
    said = ["unable to retrieve container logs for containerd://037e", ""]
    assert list(lines_after(said, None)) == list(lines_after(said, "2026-11-23T04:41:11.123456789Z")) == []


@pytest.mark.parametrize("last", ["2026-11-23T04:41:11.123456789Z", "2026-11-23T05:41:11.123456789+01:00"])
def test_a_log_is_read_from_a_little_before_its_last_line(last):
    now = datetime(2026, 11, 23, 4, 41, 21, 500, tzinfo=UTC)
    assert since_seconds(last, now) == 13
    assert since_seconds(None, now) is None


def test_an_address_that_nothing_listens_at_is_told_with_its_setting(monkeypatch):
    monkeypatch.setattr(reach, "PAUSE_SECONDS", 0)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        sentence = reach.unreachable({"METAFLOW_SERVICE_URL": url})
        assert sentence.startswith(f"Pods cannot reach the metadata service at {url} (Connection refused)")
        assert "METAFLOW_SERVICE_INTERNAL_URL" in sentence
        bound.listen()
        assert reach.unreachable({"METAFLOW_S3_ENDPOINT_URL": url, "METAFLOW_SERVICE_URL": url}) == ""


def test_a_name_that_nobody_knows_is_told(monkeypatch):
    monkeypatch.setattr(reach, "PAUSE_SECONDS", 0)
    sentence = reach.unreachable({"METAFLOW_S3_ENDPOINT_URL": "http://no-such-host.invalid:1"})
    assert "Pods cannot reach S3 at http://no-such-host.invalid:1 (" in sentence


def test_what_a_proxy_leads_to_is_not_asked_for_without_it(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert reach.problem_of("http://no-such-host.invalid") == ""


def test_a_cluster_that_is_not_there_is_told(unused_port):
    from kubernetes import client
    from urllib3 import Retry

    settings = client.Configuration(host=f"http://127.0.0.1:{unused_port}")
    settings.retries = Retry(0)
    with pytest.raises(Exception) as caught:  # noqa: PT011  (whatever the client raises)
        client.CoreV1Api(client.ApiClient(settings)).list_namespaced_pod("default")
    assert refusal(caught.value, "train").startswith(
        "Airflow's worker cannot reach Kubernetes for step 'train'"
    )


@pytest.fixture
def unused_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
