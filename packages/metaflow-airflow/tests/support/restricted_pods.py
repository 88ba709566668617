"""Kubernetes' Pod Security Standard "restricted", applied to pods: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""

from collections.abc import Iterator
from typing import Any

from kubernetes import client

VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECCOMP = ("RuntimeDefault", "Localhost")
# What a pod of a test, which no step runs in, needs to be allowed.
RESTRICTED_POD = {
    "automountServiceAccountToken": False,
    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": SECCOMP[0]}},
}
RESTRICTED_CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def violations(pod: client.V1Pod) -> list[str]:
    """Return what the standard does not allow in a pod, by the fields of its description."""
    spec = client.ApiClient().sanitize_for_serialization(pod)["spec"]
    of_pod = spec.get("securityContext", {})
    kinds = ("containers", "initContainers", "ephemeralContainers")
    containers = [each for kind in kinds for each in spec.get(kind, [])]
    found = [name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    found += ["sysctls"] if of_pod.get("sysctls") else []
    for volume in spec.get("volumes", []):
        found += [f"volumes: {kind}" for kind in volume.keys() - {"name"} - VOLUMES]
    return found + [problem for each in containers for problem in _of_container(each, of_pod)]


def _of_container(container: dict[str, Any], of_pod: dict[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    both = of_pod | own
    capabilities = own.get("capabilities", {})
    checks = {
        "hostPort": not any(port.get("hostPort") for port in container.get("ports", [])),
        "privileged": not own.get("privileged"),
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
        "capabilities.drop": "ALL" in capabilities.get("drop", []),
        "capabilities.add": set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"},
        "seccompProfile": both.get("seccompProfile", {}).get("type") in SECCOMP,
        "runAsNonRoot": both.get("runAsNonRoot") is True,
        "runAsUser": both.get("runAsUser") != 0,
        "procMount": own.get("procMount", "Default") == "Default",
        "seLinuxOptions": not both.get("seLinuxOptions"),
        "windowsOptions": not both.get("windowsOptions", {}).get("hostProcess"),
    }
    yield from (name for name, allowed in checks.items() if not allowed)
