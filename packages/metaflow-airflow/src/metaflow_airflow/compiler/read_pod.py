"""Read what `@resources` and `@kubernetes` ask for, without what this machine's settings add to it."""

from typing import Any

from metaflow import metaflow_config

# What both decorators know; Metaflow leaves the larger wish in `@kubernetes`.
AMOUNTS = ("cpu", "gpu", "memory", "disk", "shared_memory")
TEMPORARY = ("tmpfs_path", "tmpfs_tempdir")  # mean something together with a size only
READ_SEPARATELY = {*AMOUNTS, *TEMPORARY, "compute_pool", "tmpfs_size", "use_tmpfs"}
READ_SEPARATELY |= {"hostname_resolution_timeout"}  # for the gangs of Metaflow's own job sets


def read_resources(by_name: dict[str, Any]) -> dict[str, Any]:
    """Return how much of what a step asks for, beyond Metaflow's own defaults.

    `by_name` are the step's decorators.
    """
    decorators = [by_name[name] for name in ("resources", "kubernetes") if name in by_name]
    written = {name for decorator in decorators for name in _written(decorator)}
    return {name: decorators[-1].attributes[name] for name in AMOUNTS if name in written}


def read_pod(by_name: dict[str, Any]) -> dict[str, Any]:
    """Return what else `@kubernetes` says of a step's pod, in its own words."""
    kubernetes = by_name.get("kubernetes")
    if kubernetes is None:
        return {}
    attributes, written = kubernetes.attributes, _written(kubernetes)
    pod = {name: value for name, value in written.items() if name not in READ_SEPARATELY}
    if attributes["compute_pool"]:
        pod["node_selector"] = attributes["node_selector"]
    if attributes["use_tmpfs"] or attributes["tmpfs_size"]:
        pod["tmpfs_size"] = attributes["tmpfs_size"]
        pod |= {name: written[name] for name in TEMPORARY if name in written}
    return _without_settings(pod)


def _written(decorator: Any) -> dict[str, Any]:
    """Return the attributes that the author wrote and that are not what they are anyway."""
    return {
        name: value
        for name, value in decorator.attributes.items()
        if name in decorator._user_defined_attributes
        and value is not None
        and str(value) != str(decorator.defaults.get(name))
    }


def _without_settings(pod: dict[str, Any]) -> dict[str, Any]:
    """Take out of a pod's values what Metaflow's settings on this machine have put in.

    On the Airflow side such settings are read again; here they only follow who compiles.
    """
    registry = f"{(metaflow_config.KUBERNETES_CONTAINER_REGISTRY or '').rstrip('/')}/"
    if "image" in pod and registry != "/":
        pod["image"] = pod["image"].removeprefix(registry)
    for name in ("labels", "annotations"):
        settings = getattr(metaflow_config, f"KUBERNETES_{name.upper()}").split(",")
        if name in pod:
            pod[name] = {key: value for key, value in pod[name].items() if f"{key}={value}" not in settings}
    return pod
