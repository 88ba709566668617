"""The settings of pods: Metaflow's settings on the Airflow side, overridden by the step's own."""

import json
import sys
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from airflow.providers.common.compat.sdk import AirflowFailException

DEFAULT_CONNECTION = "kubernetes_default"  # Airflow's name; without such a connection, the cluster it runs in

# The settings that a step needs to reach the same services as the worker. An allowlist, because credentials
# must never be passed on this way: anyone who can see a pod can see its environment.
PASSED_ON = (
    "AWS_SECRETS_MANAGER_DEFAULT_REGION",
    "AZURE_KEY_VAULT_PREFIX",
    "AZURE_STORAGE_BLOB_SERVICE_ENDPOINT",
    "CARD_AZUREROOT",
    "CARD_GSROOT",
    "CARD_S3ROOT",
    "DATASTORE_SYSROOT_AZURE",
    "DATASTORE_SYSROOT_GS",
    "DATASTORE_SYSROOT_S3",
    "DATATOOLS_S3ROOT",
    "DEFAULT_AWS_CLIENT_PROVIDER",
    "DEFAULT_DATASTORE",
    "DEFAULT_GCP_CLIENT_PROVIDER",
    "DEFAULT_METADATA",
    "DEFAULT_SECRETS_BACKEND_TYPE",
    "GCP_SECRET_MANAGER_PREFIX",
    "S3_ENDPOINT_URL",
    "S3_SERVER_SIDE_ENCRYPTION",
    "S3_VERIFY_CERTIFICATE",
    "SKIP_INSTALL_DEPENDENCIES",
)


@dataclass(frozen=True, slots=True)
class PodSettings:
    """Where and how pods run.

    A field that is None is left to the connection or the cluster. All other fields have the name and the
    meaning that they have in `@kubernetes`.

    Attributes:
        registry: The registry of images whose name does not include one.
        connection: The id of Airflow's connection to the cluster.
        startup_seconds: How long a pod may take to start.
        persistent_volume_claims: The mount path by claim.
        tmpfs_size: In MiB; None for no such volume.
        cpu: In cores, for steps that do not request any; likewise `memory`, `disk` and `shared_memory`, which
            are Kubernetes quantities.
        secrets: The names of the Kubernetes secrets that become environment variables.
        environment: Environment variables of every step.
    """

    image: str
    registry: str | None = None
    connection: str = DEFAULT_CONNECTION
    namespace: str | None = None
    service_account: str | None = None
    startup_seconds: int = 3600
    image_pull_policy: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: tuple[dict[str, Any], ...] = ()
    persistent_volume_claims: dict[str, str] = field(default_factory=dict)
    tmpfs_size: int | None = None
    tmpfs_path: str = "/metaflow_temp"
    tmpfs_tempdir: bool = True
    shared_memory: str | None = None
    port: int | None = None
    qos: str = "burstable"
    extended_resources: dict[str, str] = field(default_factory=dict)
    security_context: dict[str, Any] = field(default_factory=dict)
    cpu: str = "1"
    memory: str = "4096M"
    disk: str = "10240M"
    gpu_vendor: str = "nvidia"
    secrets: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def read_settings() -> PodSettings:
    """Return the settings in the worker's environment and Metaflow's configuration file.

    Raises:
        AirflowFailException: If steps in pods could not work with these settings.
    """
    from metaflow import metaflow_config as config
    from metaflow.metaflow_config_funcs import from_conf

    shared_memory = config.KUBERNETES_SHARED_MEMORY
    return PodSettings(
        image=config.KUBERNETES_CONTAINER_IMAGE or _python_image(),
        registry=config.KUBERNETES_CONTAINER_REGISTRY or None,
        connection=config.AIRFLOW_KUBERNETES_CONN_ID or DEFAULT_CONNECTION,
        namespace=from_conf("KUBERNETES_NAMESPACE"),  # no default of Metaflow: the connection may have one
        service_account=config.KUBERNETES_SERVICE_ACCOUNT,
        startup_seconds=int(config.AIRFLOW_KUBERNETES_STARTUP_TIMEOUT_SECONDS),
        image_pull_policy=config.KUBERNETES_IMAGE_PULL_POLICY,
        image_pull_secrets=tuple(_json("KUBERNETES_IMAGE_PULL_SECRETS", list)),
        node_selector=_pairs(config.KUBERNETES_NODE_SELECTOR),
        tolerations=tuple(_json("KUBERNETES_TOLERATIONS", list)),
        persistent_volume_claims=_json("KUBERNETES_PERSISTENT_VOLUME_CLAIMS", dict),
        shared_memory=f"{shared_memory}Mi" if shared_memory else None,
        port=int(config.KUBERNETES_PORT) if config.KUBERNETES_PORT else None,
        cpu=config.KUBERNETES_CPU or "1",
        memory=f"{config.KUBERNETES_MEMORY or 4096}M",
        disk=f"{config.KUBERNETES_DISK or 10240}M",
        qos=config.KUBERNETES_QOS,
        security_context=_json("KUBERNETES_SECURITY_CONTEXT", dict),
        gpu_vendor=config.KUBERNETES_GPU_VENDOR,
        secrets=tuple(_names(config.KUBERNETES_SECRETS)),
        labels=_pairs(config.KUBERNETES_LABELS),
        annotations=_pairs(config.KUBERNETES_ANNOTATIONS),
        environment=_environment(),
    )


def settings_of_step(pod: dict[str, Any], settings: PodSettings) -> PodSettings:
    """Return the settings of one step.

    Args:
        pod: The step's own settings, named as in `@kubernetes`. The labels, annotations and secrets are
            merged with those of `settings`; all others override them.
        settings: The settings of all steps.
    """
    own = dict(pod)
    own["image"] = _full_name(own.get("image", settings.image), settings.registry)
    for name in ("labels", "annotations"):
        own[name] = getattr(settings, name) | {key: value or "" for key, value in own.get(name, {}).items()}
    secrets = own.get("secrets", ())
    own["secrets"] = (*([secrets] if isinstance(secrets, str) else secrets), *settings.secrets)
    return replace(settings, **own)


def _full_name(image: str, registry: str | None) -> str:
    from metaflow.plugins.aws.aws_utils import get_docker_registry

    return image if not registry or get_docker_registry(image) else f"{registry.rstrip('/')}/{image}"


def _python_image() -> str:
    """Return a public image with the worker's version of Python, so that pickles can be exchanged."""
    return f"python:{sys.version_info.major}.{sys.version_info.minor}"


def _environment() -> dict[str, str]:
    from metaflow import metaflow_config as config
    from metaflow.metaflow_config_funcs import from_conf

    found = {name: getattr(config, name, None) or from_conf(name) for name in PASSED_ON}
    found["SERVICE_URL"] = config.SERVICE_INTERNAL_URL
    environment = {f"METAFLOW_{name}": str(value) for name, value in found.items() if value is not None}
    _require_shared_metadata(environment)
    _require_no_password(environment)
    return environment


def _require_shared_metadata(environment: dict[str, str]) -> None:
    if environment["METAFLOW_DEFAULT_METADATA"] == "local":
        raise AirflowFailException(
            "Steps in pods cannot share Metaflow's metadata in local files: set METAFLOW_DEFAULT_METADATA to "
            "'service' and METAFLOW_SERVICE_URL to the address of a metadata service."
        )


def _require_no_password(environment: dict[str, str]) -> None:
    for name, value in environment.items():
        if urlsplit(value).password:
            raise AirflowFailException(
                f"{name} contains a password, which anyone who can see a pod could read: remove it there, "
                "and set the variable in a Kubernetes secret that METAFLOW_KUBERNETES_SECRETS lists."
            )


def _json(name: str, kind: type) -> Any:
    """Return a setting that is JSON; empty if it is not set."""
    from metaflow.metaflow_config_funcs import from_conf

    try:
        value = json.loads(from_conf(name) or "null") or kind()
    except ValueError:
        value = None
    if not isinstance(value, kind):
        expected = "list" if kind is list else "object"
        raise AirflowFailException(f"METAFLOW_{name} is not a JSON {expected}: write it as one.")
    return value


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _pairs(text: str) -> dict[str, str]:
    """Return the pairs in Metaflow's notation for labels (`a=b,c=d`)."""
    pairs = [pair.partition("=") for pair in _names(text)]
    return {name: value for name, _, value in pairs}
