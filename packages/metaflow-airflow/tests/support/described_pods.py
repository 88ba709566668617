"""Pods as Kubernetes describes them, for the tests of what the engine makes of them."""

from datetime import UTC, datetime

from kubernetes.client import models as k8s

NOW = 1_800_000_000.0  # Unix time
DELETED = datetime.fromtimestamp(NOW, UTC)
RUNNING = k8s.V1ContainerState(running=k8s.V1ContainerStateRunning())
UNSCHEDULABLE = [
    k8s.V1PodCondition(
        type="PodScheduled",
        status="False",
        reason="Unschedulable",
        message="0/1 nodes are available: 1 Insufficient cpu.",
    )
]


def pod(phase="Running", state=None, limits=None, deleted=None, conditions=None, **status):
    """Return a pod of step `train`; `state` is its container's."""
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
    """Return the state of a container that has terminated."""
    return k8s.V1ContainerState(
        terminated=k8s.V1ContainerStateTerminated(exit_code=exit_code, reason=reason, message=message)
    )


def waiting(reason, message=""):
    """Return a pod whose container is waiting to start."""
    state = k8s.V1ContainerState(waiting=k8s.V1ContainerStateWaiting(reason=reason, message=message))
    return pod("Pending", state)
