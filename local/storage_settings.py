"""What the embedded stack and the containers have in common: buckets, S3's keys, Metaflow's datastore.

Standard library only: in the containers it runs in a plain Python image.
"""

import json
import secrets
from pathlib import Path
from typing import Any

REGION = "us-east-1"
METAFLOW_BUCKET = "metaflow"
BUCKETS = ("taxi-data", METAFLOW_BUCKET)


def create_buckets(s3: Any) -> None:
    """Create the buckets that do not exist yet; `s3` is a boto3 client."""
    existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for bucket in BUCKETS:
        if bucket not in existing:
            s3.create_bucket(Bucket=bucket)


def s3_identities(access_key: str, secret_key: str) -> dict[str, Any]:
    """Return SeaweedFS's identities: with this file, it refuses every request without this key."""
    key = {"accessKey": access_key, "secretKey": secret_key}
    return {"identities": [{"name": "project", "credentials": [key], "actions": ["Admin"]}]}


def s3_security(certificate: Path, key: Path) -> str:
    """Return SeaweedFS's `security.toml`, with new keys that sign the requests between its own servers.

    Without it, anyone who can connect to the ports behind the S3 server can read and write all objects
    without keys.

    Args:
        certificate: A certificate that is its own authority; gRPC accepts no other one, from either side.
        key: Its private key.
    """
    signing = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
    keys = [f'[{name}]\nkey = "{secrets.token_hex(32)}"\n' for name in signing]
    # TOML's strings have JSON's escapes.
    authority, private = (json.dumps(str(path), ensure_ascii=False) for path in (certificate, key))
    sides = [
        f"[grpc.{name}]\ncert = {authority}\nkey = {private}\n"
        for name in ("master", "volume", "filer", "s3", "client")
    ]
    return "\n".join([*keys, f"[grpc]\nca = {authority}\n", *sides])


def datastore_settings(s3_url: str) -> dict[str, str]:
    """Return Metaflow's settings of its datastore in the S3 server at this address."""
    return {
        "METAFLOW_DEFAULT_DATASTORE": "s3",
        "METAFLOW_DATASTORE_SYSROOT_S3": f"s3://{METAFLOW_BUCKET}/metaflow",
        "METAFLOW_S3_ENDPOINT_URL": s3_url,
    }
