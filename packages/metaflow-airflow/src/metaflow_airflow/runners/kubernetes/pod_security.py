"""What a step's pod may do: what Kubernetes' "restricted" standard allows, unless the step asks for more."""

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException
from kubernetes.client import models as k8s

# The user of a pod and the group of its volumes: the one that most images with a user of their own give it.
USER = 1000
OTHER_USER = {"run_as_user", "run_as_non_root"}  # with one of these, the image's user or the one named runs


def security_of_pod() -> k8s.V1PodSecurityContext:
    """Return the security context that makes the pod's volumes writable for any user."""
    return k8s.V1PodSecurityContext(fs_group=USER, fs_group_change_policy="OnRootMismatch")


def security_of_container(asked: Mapping[str, Any], step: str) -> k8s.V1SecurityContext:
    """Return the security context of a step's container.

    Args:
        asked: What differs from the default, by the argument names of `V1SecurityContext`.
        step: The name of the step.

    Raises:
        AirflowFailException: If an argument does not exist.
    """
    if unknown := sorted(asked.keys() - k8s.V1SecurityContext.openapi_types.keys()):
        known = ", ".join(k8s.V1SecurityContext.openapi_types)
        raise AirflowFailException(
            f"The security_context of step {step!r} has no {unknown[0]!r}: correct @kubernetes or "
            f"METAFLOW_KUBERNETES_SECURITY_CONTEXT. It can contain {known}."
        )
    if asked.get("privileged"):  # which Kubernetes refuses together with any of these limits
        return k8s.V1SecurityContext(**asked)
    limits: dict[str, Any] = {
        "allow_privilege_escalation": False,
        "capabilities": k8s.V1Capabilities(drop=["ALL"]),
        "seccomp_profile": k8s.V1SeccompProfile(type="RuntimeDefault"),
        "run_as_non_root": asked.get("run_as_user") != 0,
    }
    user = {} if asked.keys() & OTHER_USER else {"run_as_user": USER}
    return k8s.V1SecurityContext(**limits | user | dict(asked))
