"""Creates the buckets that the pipeline writes to, on the S3 server that boto3's settings name."""

import boto3

from local.storage_settings import create_buckets

if __name__ == "__main__":
    create_buckets(boto3.client("s3"))
