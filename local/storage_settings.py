"""What the embedded stack and the containers have in common: buckets, S3 identities, Metaflow's datastore.

Standard library only: in the containers it runs in a plain Python image.
"""

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


def datastore_settings(s3_url: str) -> dict[str, str]:
    """Return Metaflow's settings of its datastore in the S3 server at this address."""
    return {
        "METAFLOW_DEFAULT_DATASTORE": "s3",
        "METAFLOW_DATASTORE_SYSROOT_S3": f"s3://{METAFLOW_BUCKET}/metaflow",
        "METAFLOW_S3_ENDPOINT_URL": s3_url,
    }
