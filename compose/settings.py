"""Writes the addresses and keys that the containers share into the volume `settings`.

Into files, because boto3 and Metaflow prefer an environment variable to them: one in `.env` overrides each of
them. The keys are generated once and live as long as the volume.
"""

import json
import os
import secrets
import subprocess
from pathlib import Path

from local.storage_settings import REGION, datastore_settings, s3_identities, s3_security

SETTINGS = Path("/settings")
NAMESPACE = "metaflow"
SECRET = "metaflow-s3"  # noqa: S105 - the name of a Kubernetes secret


def main() -> None:
    """Write all files; those that are up to date stay as they are."""
    s3, service = os.environ["S3_URL"], os.environ["METADATA_URL"]
    keys = s3_keys()
    write("aws/config", f"[default]\nregion = {REGION}\nendpoint_url = {s3}\n")
    write("aws/credentials", "[default]\n" + "".join(f"{name} = {key}\n" for name, key in keys.items()))
    identities = s3_identities(keys["aws_access_key_id"], keys["aws_secret_access_key"])
    write("metaflow/config.json", as_json(metaflow_settings(s3, service)))
    write("seaweedfs/identities.json", as_json(identities))
    write_s3_security()
    write("kubernetes/metaflow.json", as_json(kubernetes_objects(keys)))


def s3_keys() -> dict[str, str]:
    """Return the keys of the S3 server under AWS's names; they are generated when the volume is new."""
    file = SETTINGS / "keys.json"
    if not file.exists():
        keys = {"aws_access_key_id": secrets.token_hex(10), "aws_secret_access_key": secrets.token_hex(20)}
        write(file.name, as_json(keys))
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def write_s3_security() -> None:
    """Write the keys and certificate that SeaweedFS's own servers require of each other, once per volume."""
    folder = SETTINGS / "seaweedfs"
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if (folder / "security.toml").exists():
        return
    options = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=seaweedfs -days 3650"
    )
    command = ["openssl", *options.split(), "-out", certificate, "-keyout", key]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own paths
    key.chmod(0o644)  # SeaweedFS is not root in its container
    write("seaweedfs/security.toml", s3_security(certificate, key))


def metaflow_settings(s3: str, service: str) -> dict[str, str]:
    """Return Metaflow's configuration, with addresses that pods, Airflow and the compiler can all reach."""
    return {
        **datastore_settings(s3),
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": service,
        "METAFLOW_SERVICE_INTERNAL_URL": service,
        "METAFLOW_KUBERNETES_CONTAINER_IMAGE": os.environ["STEP_IMAGE"],
        "METAFLOW_KUBERNETES_NAMESPACE": NAMESPACE,
        "METAFLOW_KUBERNETES_SECRETS": SECRET,
        # For steps without @resources, on a laptop; Metaflow's defaults are one core and 4 GB each.
        "METAFLOW_KUBERNETES_CPU": "0.2",
        "METAFLOW_KUBERNETES_MEMORY": "256",
        "METAFLOW_KUBERNETES_DISK": "256",
    }


def kubernetes_objects(keys: dict[str, str]) -> dict[str, object]:
    """Return the namespace of the pods of flows, and the secret with their keys."""
    variables = {name.upper(): key for name, key in keys.items()} | {"AWS_DEFAULT_REGION": REGION}
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": NAMESPACE},
        "stringData": variables,
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return {"apiVersion": "v1", "kind": "List", "items": [namespace, secret]}


def as_json(content: object) -> str:
    """Return indented JSON."""
    return json.dumps(content, indent=2) + "\n"


def write(name: str, text: str) -> None:
    """Write a file of the volume atomically, unless it has this content already."""
    file = SETTINGS / name
    if file.exists() and file.read_text() == text:
        return
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text)
    part.replace(file)


if __name__ == "__main__":
    main()
