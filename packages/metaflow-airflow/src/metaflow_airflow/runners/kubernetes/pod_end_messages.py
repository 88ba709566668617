"""Turns the end of a step's pod, or its failure to start, into one message: pure functions of the pod."""

from dataclasses import dataclass
from typing import Any

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.reach import UNREACHABLE

from metaflow_airflow.runners.kubernetes.pod_description import CONTAINER

SIGKILL_CODE = 137
# Parts of a registry's or container runtime's errors that another try would not change.
PERMANENT_ERRORS = (
    "not found",
    "notfound",
    "unknown",
    "denied",
    "unauthorized",
    "authorization",
    "no basic auth",
)
PULLING = ("ErrImagePull", "ImagePullBackOff")
NEVER_PULLED = ("InvalidImageName", "ErrImageNeverPull")
NODE_REASONS = ("NodeLost", "NodeShutdown", "Shutdown", "Terminated", "NodeAffinity")
NO_USER = ("runAsNonRoot", "non-root policy")  # of the kubelet's messages about users
NO_REASON = "Kubernetes gives no reason"


@dataclass(frozen=True, slots=True)
class PodEnd:
    """How a step's pod ended.

    Attributes:
        exit_code: The container's exit code; None if the container never terminated.
        reason: Kubernetes' reason for the end of the container.
        message: What the step left for Airflow: its result as JSON.
        why: The message about a failure that the step's own code did not cause; empty otherwise.
    """

    exit_code: int | None = None
    reason: str = ""
    message: str = ""
    why: str = ""


def end_of(pod: Any) -> PodEnd:
    """Return how a pod ended, as far as it has."""
    ended = terminated(pod)
    if ended is None:
        return PodEnd(why=_disruption(pod) or _failure_before_start(pod))
    why = "" if ended.exit_code == 0 else _disruption(pod) or _kill(pod, ended)
    return PodEnd(ended.exit_code, ended.reason or "", ended.message or "", why)


def terminated(pod: Any) -> Any:
    """Return the terminated state of the step's container; None if it has not terminated."""
    state = _state(pod)
    return state and state.terminated


def started(pod: Any) -> bool:
    """Return whether the step's container is running or has run."""
    state = _state(pod)
    return bool(state and (state.running or state.terminated))


def waiting(pod: Any) -> tuple[str, str]:
    """Return Kubernetes' reason and message for a pod that is waiting to start; empty if there are none."""
    state = _state(pod)
    if state and state.waiting:
        return state.waiting.reason or "", state.waiting.message or ""
    for condition in pod.status.conditions or []:
        if condition.type == "PodScheduled" and condition.status != "True":
            return condition.reason or "", condition.message or ""
    return "", ""


def cannot_start(pod: Any, reason: str, message: str) -> str:
    """Return the message about a pod that will never start; empty if it may still start.

    A slow image, or one whose registry does not respond at the moment, may still arrive.
    """
    step = f"step {step_of(pod)!r}"
    if reason in NEVER_PULLED or (
        reason in PULLING and any(error in message.lower() for error in PERMANENT_ERRORS)
    ):
        return (
            f"The image {_container(pod).image!r} of {step} cannot be pulled ({_line(reason, message)}): "
            "check its name, or add its registry's secret to METAFLOW_KUBERNETES_IMAGE_PULL_SECRETS."
        )
    if reason == "CreateContainerConfigError" and any(words in message for words in NO_USER):
        return (
            f"The image {_container(pod).image!r} of {step} has no user that its security_context allows "
            f"({message}): give the image a numeric user, or name one as `run_as_user` in the "
            "security_context."
        )
    if reason == "CreateContainerConfigError":
        return (
            f"The pod of {step} needs something that does not exist in namespace {pod.metadata.namespace!r} "
            f"({message}): create it there, or correct METAFLOW_KUBERNETES_SECRETS or "
            "@kubernetes(secrets=...)."
        )
    if reason == "CreateContainerError":
        return f"The container of {step} cannot be created ({message}): correct the arguments of @kubernetes."
    return ""


def not_started(pod: Any, seconds: float) -> str:
    """Return the message about a pod that did not start within the startup timeout."""
    reason, message = waiting(pod)
    begin = f"The pod of step {step_of(pod)!r} did not start within {seconds:.0f} s"
    if reason == "Unschedulable":
        return (
            f"{begin} because no node can take it ({message}): request less with @resources, correct its "
            "node selector or tolerations, or add a node."
        )
    return (
        f"{begin} ({_line(reason, message) or NO_REASON}): fix the cause, or increase "
        "METAFLOW_AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS."
    )


def timed_out(pod: Any) -> str:
    """Return the message about a step that exceeded its execution timeout."""
    return (
        f"Step {step_of(pod)!r} reached its execution timeout, and its pod was deleted: allow more time with "
        "@timeout, or make the step faster."
    )


def gone(pod: Any, node_problem: str) -> str:
    """Return the message about a pod that no longer exists in Kubernetes.

    Args:
        pod: The pod as it was last seen.
        node_problem: What happened to its node (`no longer exists`, `does not respond`); empty if nothing.
    """
    step = f"step {step_of(pod)!r}"
    if node_problem:
        return (
            f"The node {pod.spec.node_name!r} of {step} {node_problem}, so the pod is lost: clear the task, "
            "or add @retry to the step, to run it on another node."
        )
    return _disruption(pod) or _deleted(pod)


def step_of(pod: Any) -> str:
    """Return the name of the step that a pod runs."""
    return str((pod.metadata.annotations or {}).get("metaflow/step_name", pod.metadata.name))


def _disruption(pod: Any) -> str:
    step = f"step {step_of(pod)!r}"
    status, node = pod.status, pod.spec.node_name
    if status.reason == "Evicted":
        return (
            f"The pod of {step} was evicted from node {node!r} ({(status.message or '').strip()}): request "
            "as much as the step uses with @resources(memory=..., disk=...)."
        )
    if status.reason == "DeadlineExceeded":
        return timed_out(pod)
    condition = next((each for each in status.conditions or [] if each.type == "DisruptionTarget"), None)
    if condition is not None or status.reason in NODE_REASONS:
        reason = condition.message if condition is not None else status.message or status.reason
        return (
            f"Kubernetes removed the pod of {step} from node {node!r} ({reason}): clear the task, or add "
            "@retry to the step, to run it again."
        )
    return _deleted(pod) if pod.metadata.deletion_timestamp else ""


def _failure_before_start(pod: Any) -> str:
    if pod.status.phase != "Failed":
        return ""
    reason = _line(pod.status.reason or "", pod.status.message or "") or NO_REASON
    return f"The pod of step {step_of(pod)!r} failed before the step started ({reason})."


def _deleted(pod: Any) -> str:
    return (
        f"The pod {pod.metadata.name!r} of step {step_of(pod)!r} was deleted while it was running, but not "
        "by Airflow: clear the task, or add @retry to the step, to run it again."
    )


def _kill(pod: Any, ended: Any) -> str:
    step = step_of(pod)
    if ended.exit_code == UNREACHABLE and ended.message:
        return str(ended.message)
    if ended.reason in ("StartError", "ContainerCannotRun"):
        image = _container(pod).image
        return (
            f"Step {step!r} cannot start in image {image!r} ({ended.message}): the image must contain bash "
            "and Python."
        )
    resources = _container(pod).resources
    limit = ((resources and resources.limits) or {}).get("memory")
    if ended.reason == "OOMKilled" and limit:
        return (
            f"Step {step!r} used more memory than its limit of {limit}: request more with "
            "@resources(memory=...)."
        )
    if ended.reason == "OOMKilled" or ended.exit_code == SIGKILL_CODE:
        requested = ((resources and resources.requests) or {}).get("memory", "none")
        return (
            f"Step {step!r} was killed, probably because its node ran out of memory (requested: {requested}, "
            f"limit: {limit or 'none'}): request as much as it uses with @resources(memory=...)."
        )
    return ""


def _state(pod: Any) -> Any:
    statuses = pod.status.container_statuses or []
    return next((status.state for status in statuses if status.name == CONTAINER), None)


def _container(pod: Any) -> Any:
    return next(each for each in pod.spec.containers if each.name == CONTAINER)


def _line(reason: str, message: str) -> str:
    return ": ".join(part for part in (reason, " ".join(message.split())) if part)
