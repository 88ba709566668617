"""Publishing a run's features, and counting its trips."""

from collections.abc import Iterable
from typing import TypedDict

import duckdb
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.taxi_data.duckdb_s3 import OFFLINE, add_s3
from include.taxi_data.storage import (
    BUCKET,
    CONNECTION,
    FEATURES,
    address,
    landed_prefix,
    model_key,
    rejected_key,
)


class Published(TypedDict):
    """The numbers of a run's trips and the addresses of its files, as the event of the asset has them."""

    trips_read: int
    trips_rejected: int
    trips_kept: int
    rejected_by_reason: dict[str, int]
    features: str
    rejected: str


def publish_features(run_id: str, landed: Iterable[int]) -> Published:
    """Replace the features file with the run's, in one step, and return the run's counts.

    `landed` holds the number of rows of each landed file. If no trip was kept, the features file stays as it
    was. Raises AirflowFailException then, and AirflowException if trips are lost.
    """
    kept, counts = _count(run_id)
    read, rejected = sum(landed), sum(counts.values())
    if read != kept + rejected:
        raise AirflowException(f"Of {read:,} landed trips dbt kept {kept:,} and rejected {rejected:,}.")
    if not kept:
        reasons = ", ".join(f"{reason}: {trips:,}" for reason, trips in counts.items())
        raise AirflowFailException(
            f"All {read:,} trips were rejected ({reasons}), so {address(FEATURES)} stays as it was:"
            f" look at {address(rejected_key(run_id))} and repair the sources."
        )
    S3Hook(CONNECTION).copy_object(model_key(run_id, "taxi_features"), FEATURES, BUCKET, BUCKET)
    return Published(
        trips_read=read,
        trips_rejected=rejected,
        trips_kept=kept,
        rejected_by_reason=counts,
        features=address(FEATURES),
        rejected=address(rejected_key(run_id)),
    )


def remove_staging(run_id: str) -> None:
    """Delete the files that a run has landed and that its dbt models wrote, except its rejected trips."""
    hook = S3Hook(CONNECTION)
    for prefix in (landed_prefix(run_id), model_key(run_id, "").removesuffix(".parquet")):
        hook.delete_objects(BUCKET, hook.list_keys(BUCKET, prefix=prefix))


def _count(run_id: str) -> tuple[int, dict[str, int]]:
    """Return the number of trips that a run has kept, and of those that it has rejected, by reason."""
    features = address(model_key(run_id, "taxi_features"))
    with duckdb.connect(config=OFFLINE) as connection:
        add_s3(connection)
        kept = len(connection.read_parquet(features))
        rejected = connection.read_parquet(address(rejected_key(run_id)))
        reasons = rejected.aggregate("rejection_reason, count(*)").order("rejection_reason")
        return kept, dict(reasons.fetchall())
