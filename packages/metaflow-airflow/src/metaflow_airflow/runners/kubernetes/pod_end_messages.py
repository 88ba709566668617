"""Says in one sentence why a step's pod ended or cannot start: pure functions of the pod."""

from dataclasses import dataclass
from typing import Any

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.reach import UNREACHABLE

from metaflow_airflow.runners.kubernetes.description import CONTAINER

SIGKILL_CODE = 137
# Of what a registry or a node's runtime says when the next try would end the same way.
FINAL_ANSWERS = (
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


@dataclass(frozen=True, slots=True)
class PodEnd:
    """How a pod's step ended.

    `exit_code` is None when the container never ended. `reason` is Kubernetes' word, `message` what the step
    left for Airflow. `why`: a sentence about what was not the step's own doing; empty if all was.
    """

    exit_code: int | None = None
    reason: str = ""
    message: str = ""
    why: str = ""


def end_of(pod: Any) -> PodEnd:
    """Return how the pod ended, as far as it has."""
    ended = terminated(pod)
    if ended is None:
        return PodEnd(why=_disruption(pod) or _early_end(pod))
    why = "" if ended.exit_code == 0 else _disruption(pod) or _kill(pod, ended)
    return PodEnd(ended.exit_code, ended.reason or "", ended.message or "", why)


def terminated(pod: Any) -> Any:
    """Return the state in which the step's container ended, None if it did not."""
    state = _state(pod)
    return state and state.terminated


def started(pod: Any) -> bool:
    """Return whether the step's container runs or has run."""
    state = _state(pod)
    return bool(state and (state.running or state.terminated))


def waiting(pod: Any) -> tuple[str, str]:
    """Return what a pod waits for, Kubernetes' word and its message; empty when it says nothing."""
    state = _state(pod)
    if state and state.waiting:
        return state.waiting.reason or "", state.waiting.message or ""
    for condition in pod.status.conditions or []:
        if condition.type == "PodScheduled" and condition.status != "True":
            return condition.reason or "", condition.message or ""
    return "", ""


def cannot_start(pod: Any, reason: str, message: str) -> str:
    """Return the sentence about a pod that waits for what will not come; empty if it may come.

    An image that is slow, or whose registry does not answer now, may still come.
    """
    step = f"step {step_of(pod)!r}"
    if reason in NEVER_PULLED or (
        reason in PULLING and any(answer in message.lower() for answer in FINAL_ANSWERS)
    ):
        return (
            f"The image {_container(pod).image!r} of {step} cannot be pulled ({_line(reason, message)}): "
            "check its name, or name its registry's secret in METAFLOW_KUBERNETES_IMAGE_PULL_SECRETS."
        )
    if reason == "CreateContainerConfigError":
        return (
            f"The pod of {step} needs what namespace {pod.metadata.namespace!r} does not have ({message}): "
            "create it there, or correct METAFLOW_KUBERNETES_SECRETS or @kubernetes(secrets=...)."
        )
    if reason == "CreateContainerError":
        return f"The container of {step} cannot be made ({message}): correct what @kubernetes asks for."
    return ""


def not_started(pod: Any, seconds: float) -> str:
    """Return the sentence about a pod that did not start in time."""
    reason, message = waiting(pod)
    begin = f"The pod of step {step_of(pod)!r} did not start within {seconds:.0f} s"
    if reason == "Unschedulable":
        return (
            f"{begin}, as no node takes it ({message}): ask for less with @resources, correct its node "
            "selector or tolerations, or add a node."
        )
    return (
        f"{begin} ({_line(reason, message) or 'Kubernetes does not say why'}): see to that, or allow more in "
        "METAFLOW_AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS."
    )


def timed_out(pod: Any) -> str:
    """Return the sentence about a step whose time is over."""
    return (
        f"Step {step_of(pod)!r} reached its execution timeout, and its pod was removed: give it more time "
        "with @timeout, or less to do."
    )


def gone(pod: Any, node: str) -> str:
    """Return the sentence about a pod that Kubernetes does not have anymore.

    `node` says what became of its node (`is gone`, `does not answer`), empty if nothing did.
    """
    step = f"step {step_of(pod)!r}"
    if node:
        return (
            f"The node {pod.spec.node_name!r} of {step} {node}, and the pod with it: clear the task, or give "
            "the step @retry, to run it on another node."
        )
    return _disruption(pod) or _deleted(pod)


def step_of(pod: Any) -> str:
    """Return the step that a pod runs."""
    return str((pod.metadata.annotations or {}).get("metaflow/step_name", pod.metadata.name))


def _disruption(pod: Any) -> str:
    step = f"step {step_of(pod)!r}"
    status, node = pod.status, pod.spec.node_name
    if status.reason == "Evicted":
        return (
            f"The pod of {step} was evicted from node {node!r} ({(status.message or '').strip()}): ask for "
            "what the step uses with @resources(memory=..., disk=...)."
        )
    if status.reason == "DeadlineExceeded":
        return timed_out(pod)
    condition = next((each for each in status.conditions or [] if each.type == "DisruptionTarget"), None)
    if condition is not None or status.reason in NODE_REASONS:
        said = condition.message if condition is not None else status.message or status.reason
        return (
            f"Kubernetes took the pod of {step} from node {node!r} ({said}): clear the task, or give the "
            "step @retry, to run it again."
        )
    return _deleted(pod) if pod.metadata.deletion_timestamp else ""


def _early_end(pod: Any) -> str:
    if pod.status.phase != "Failed":
        return ""
    said = _line(pod.status.reason or "", pod.status.message or "") or "Kubernetes does not say why"
    return f"The pod of step {step_of(pod)!r} failed before the step began ({said})."


def _deleted(pod: Any) -> str:
    return (
        f"The pod {pod.metadata.name!r} of step {step_of(pod)!r} was deleted while it ran, and not by "
        "Airflow: clear the task, or give the step @retry, to run it again."
    )


def _kill(pod: Any, ended: Any) -> str:
    step = step_of(pod)
    if ended.exit_code == UNREACHABLE and ended.message:
        return str(ended.message)
    if ended.reason in ("StartError", "ContainerCannotRun"):
        image = _container(pod).image
        return f"Step {step!r} cannot start in image {image!r} ({ended.message}): it needs bash and Python."
    resources = _container(pod).resources
    limit = ((resources and resources.limits) or {}).get("memory")
    if ended.reason == "OOMKilled" and limit:
        return (
            f"Step {step!r} used more memory than its limit of {limit}: ask for more with "
            "@resources(memory=...)."
        )
    if ended.reason == "OOMKilled" or ended.exit_code == SIGKILL_CODE:
        asked = ((resources and resources.requests) or {}).get("memory", "none")
        return (
            f"Step {step!r} was killed, as Linux does when a node has no memory left (it asked for {asked}, "
            f"{'with no limit' if limit is None else f'limit {limit}'}): ask for what it uses with "
            "@resources(memory=...)."
        )
    return ""


def _state(pod: Any) -> Any:
    statuses = pod.status.container_statuses or []
    return next((status.state for status in statuses if status.name == CONTAINER), None)


def _container(pod: Any) -> Any:
    return next(each for each in pod.spec.containers if each.name == CONTAINER)


def _line(reason: str, message: str) -> str:
    return ": ".join(part for part in (reason, " ".join(message.split())) if part)
