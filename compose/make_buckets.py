"""Makes the buckets that the pipeline writes to; those that exist stay as they are."""

import boto3

BUCKETS = ("taxi-data", "metaflow")


def main() -> None:
    """Make what is missing on the S3 server that boto3's settings name."""
    s3 = boto3.client("s3")
    there = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for bucket in BUCKETS:
        if bucket not in there:
            s3.create_bucket(Bucket=bucket)


if __name__ == "__main__":
    main()
