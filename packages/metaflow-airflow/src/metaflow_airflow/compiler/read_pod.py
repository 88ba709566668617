"""Read pod settings: what `@resources` and `@kubernetes` request, without this machine's settings."""

from typing import Any

from metaflow import metaflow_config

# Arguments of both decorators; Metaflow leaves the larger value in `@kubernetes`.
AMOUNTS = ("cpu", "gpu", "memory", "disk", "shared_memory")
TMPFS_DETAILS = ("tmpfs_path", "tmpfs_tempdir")  # without effect unless there is a size
READ_SEPARATELY = {*AMOUNTS, *TMPFS_DETAILS, "compute_pool", "tmpfs_size", "use_tmpfs"}
READ_SEPARATELY |= {"hostname_resolution_timeout"}  # for the gangs of Metaflow's own job sets


def read_resources(by_name: dict[str, Any]) -> dict[str, Any]:
    """Return the amounts that a step requests, where they differ from Metaflow's defaults.

    Args:
        by_name: The step's decorators.
    """
    decorators = [by_name[name] for name in ("resources", "kubernetes") if name in by_name]
    written = {name for decorator in decorators for name in _written(decorator)}
    return {name: decorators[-1].attributes[name] for name in AMOUNTS if name in written}


def read_pod(by_name: dict[str, Any]) -> dict[str, Any]:
    """Return the other settings of `@kubernetes`, by its argument names."""
    kubernetes = by_name.get("kubernetes")
    if kubernetes is None:
        return {}
    attributes, written = kubernetes.attributes, _written(kubernetes)
    pod = {name: value for name, value in written.items() if name not in READ_SEPARATELY}
    if attributes["compute_pool"]:
        pod["node_selector"] = attributes["node_selector"]
    if attributes["use_tmpfs"] or attributes["tmpfs_size"]:
        pod["tmpfs_size"] = attributes["tmpfs_size"]
        pod |= {name: written[name] for name in TMPFS_DETAILS if name in written}
    return _without_settings(pod)


def _written(decorator: Any) -> dict[str, Any]:
    """Return the attributes that the author wrote and that differ from the defaults."""
    return {
        name: value
        for name, value in decorator.attributes.items()
        if name in decorator._user_defined_attributes
        and value is not None
        and str(value) != str(decorator.defaults.get(name))
    }


def _without_settings(pod: dict[str, Any]) -> dict[str, Any]:
    """Remove from a pod's settings what Metaflow's configuration of this machine has added.

    Airflow's side reads its own configuration at run time; that of this machine must not be compiled in.
    """
    registry = (metaflow_config.KUBERNETES_CONTAINER_REGISTRY or "").rstrip("/")
    if "image" in pod and registry:
        pod["image"] = pod["image"].removeprefix(f"{registry}/")
    for name in ("labels", "annotations"):
        settings = getattr(metaflow_config, f"KUBERNETES_{name.upper()}").split(",")
        if name in pod:
            pod[name] = {key: value for key, value in pod[name].items() if f"{key}={value}" not in settings}
    return pod
