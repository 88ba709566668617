"""Keys and addresses in S3."""

CONNECTION = "aws_default"
"""Airflow's connection for S3: address, keys and region."""

BUCKET = "taxi-data"
FEATURES = "taxi_features.parquet"


def landed_prefix(run_id: str) -> str:
    """Return the key prefix of the files that a run has landed; the same as in `models/sources.yml`."""
    return f"raw/{run_id}/landed/"


def model_key(run_id: str, model: str) -> str:
    """Return the key of the file that a dbt model writes in a run; the same as in `profiles.yml`."""
    return f"raw/{run_id}/models/{model}.parquet"


def rejected_key(run_id: str) -> str:
    """Return the key of a run's rejected trips; the same as in `models/rejected_trips.sql`."""
    return f"rejected/{run_id}.parquet"


def address(key: str) -> str:
    """Return the s3:// address of a key in the bucket."""
    return f"s3://{BUCKET}/{key}"
