"""Writes what the containers must know of each other into the volume `settings`: addresses and keys.

Files, not environment variables, because a variable of `.env` then wins over each of them: boto3 and Metaflow
read their files last. The keys are made once and live as long as the volume.
"""

import json
import os
import secrets
from pathlib import Path

SETTINGS = Path("/settings")
REGION = "us-east-1"
NAMESPACE = "metaflow"
SECRET = "metaflow-s3"  # noqa: S105 - the name of a Kubernetes secret


def main() -> None:
    """Write all files; a second time changes none of them."""
    s3, service = os.environ["S3_URL"], os.environ["METADATA_URL"]
    keys = s3_keys()
    write("aws/config", f"[default]\nregion = {REGION}\nendpoint_url = {s3}\n")
    write("aws/credentials", "[default]\n" + "".join(f"{name} = {key}\n" for name, key in keys.items()))
    write("metaflow/config.json", as_json(metaflow_settings(s3, service)))
    write("seaweedfs/identities.json", as_json(s3_identities(keys)))
    write("kubernetes/metaflow.json", as_json(kubernetes_objects(keys)))


def s3_keys() -> dict[str, str]:
    """Return the S3 server's keys under the names of AWS, new ones if the volume is new."""
    file = SETTINGS / "keys.json"
    if not file.exists():
        keys = {"aws_access_key_id": secrets.token_hex(10), "aws_secret_access_key": secrets.token_hex(20)}
        write(file.name, as_json(keys))
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def metaflow_settings(s3: str, service: str) -> dict[str, str]:
    """Return Metaflow's configuration: the same addresses for pods, Airflow and the compiler."""
    return {
        "METAFLOW_DEFAULT_DATASTORE": "s3",
        "METAFLOW_DATASTORE_SYSROOT_S3": "s3://metaflow/metaflow",
        "METAFLOW_S3_ENDPOINT_URL": s3,
        "METAFLOW_DEFAULT_METADATA": "service",
        "METAFLOW_SERVICE_URL": service,
        "METAFLOW_SERVICE_INTERNAL_URL": service,
        "METAFLOW_KUBERNETES_CONTAINER_IMAGE": os.environ["STEP_IMAGE"],
        "METAFLOW_KUBERNETES_NAMESPACE": NAMESPACE,
        "METAFLOW_KUBERNETES_SECRETS": SECRET,
        # A laptop's share for steps that do not say; Metaflow's own defaults are a core and 4 GB each.
        "METAFLOW_KUBERNETES_CPU": "0.2",
        "METAFLOW_KUBERNETES_MEMORY": "256",
        "METAFLOW_KUBERNETES_DISK": "256",
    }


def s3_identities(keys: dict[str, str]) -> dict[str, object]:
    """Return whom SeaweedFS lets in; with this file, nobody without a key."""
    key = {"accessKey": keys["aws_access_key_id"], "secretKey": keys["aws_secret_access_key"]}
    return {"identities": [{"name": "project", "credentials": [key], "actions": ["Admin"]}]}


def kubernetes_objects(keys: dict[str, str]) -> dict[str, object]:
    """Return the namespace of the flows' pods and the secret from which they have the keys."""
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
    """Return JSON that a person can read."""
    return json.dumps(content, indent=2) + "\n"


def write(name: str, text: str) -> None:
    """Write a file of the volume, whole or not at all; leave one that is right alone."""
    file = SETTINGS / name
    if file.exists() and file.read_text() == text:
        return
    file.parent.mkdir(exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text)
    part.replace(file)


if __name__ == "__main__":
    main()
