"""Publishing a run's features, and counting its trips."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypedDict

import duckdb
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.taxi_data.duckdb_s3 import OFFLINE, add_s3
from include.taxi_data.errors import BadSourceError
from include.taxi_data.storage import (
    BUCKET,
    CONNECTION,
    FEATURES,
    address,
    landed_prefix,
    model_key,
    rejected_key,
)

BROKEN_SHARE = 0.95
"""The share of trips that break a rule above which a file is not used. A repeated trip breaks none."""


class Published(TypedDict):
    """The numbers of a run's trips and the addresses of its files, as the event of the asset has them."""

    trips_read: int
    trips_rejected: int
    trips_kept: int
    rejected_by_reason: dict[str, int]
    rejected_by_file: dict[str, int]
    features: str
    rejected: str


class _Counts(NamedTuple):
    """Numbers of trips: those kept, those read from each file, and those rejected by file and reason."""

    kept: int
    read: dict[str, int]
    rejected: dict[tuple[str, str], int]

    def by_reason(self, source: str | None = None) -> dict[str, int]:
        """Return the numbers of rejected trips, of one file or of all, by reason."""
        reasons: Counter[str] = Counter()
        for (file, reason), trips in sorted(self.rejected.items(), key=lambda item: item[0][1]):
            if source in (None, file):
                reasons[reason] += trips
        return dict(reasons)

    def by_file(self) -> dict[str, int]:
        """Return the numbers of rejected trips of the files that have any."""
        numbers = {file: sum(self.by_reason(file).values()) for file in self.read}
        return {file: trips for file, trips in numbers.items() if trips}


def publish_features(run_id: str, landed: Iterable[int]) -> Published:
    """Replace the features file with the run's, in one step, and return the run's counts.

    `landed` holds the number of rows of each landed file. The features file stays as it was if no trip was
    kept, or if a file has hardly any good trip. Raises AirflowFailException then, and AirflowException if
    trips are lost.
    """
    counts = _count(run_id)
    read, rejected = sum(landed), sum(counts.rejected.values())
    if read != counts.kept + rejected:
        raise AirflowException(
            f"Of {read:,} landed trips dbt kept {counts.kept:,} and rejected {rejected:,}."
        )
    if not counts.kept:
        raise AirflowFailException(
            f"All {read:,} trips were rejected ({_listed(counts.by_reason())}), so {address(FEATURES)} stays"
            f" as it was: look at {address(rejected_key(run_id))} and repair the sources."
        )
    _check_files(counts, run_id)
    S3Hook(CONNECTION).copy_object(model_key(run_id, "taxi_features"), FEATURES, BUCKET, BUCKET)
    return Published(
        trips_read=read,
        trips_rejected=rejected,
        trips_kept=counts.kept,
        rejected_by_reason=counts.by_reason(),
        rejected_by_file=counts.by_file(),
        features=address(FEATURES),
        rejected=address(rejected_key(run_id)),
    )


def remove_staging(run_id: str) -> None:
    """Delete the files that a run has landed and that its dbt models wrote, except its rejected trips."""
    hook = S3Hook(CONNECTION)
    for prefix in (landed_prefix(run_id), model_key(run_id, "").removesuffix(".parquet")):
        hook.delete_objects(BUCKET, hook.list_keys(BUCKET, prefix=prefix))


def _check_files(counts: _Counts, run_id: str) -> None:
    """Refuse a file of which hardly any trip is good: its columns may be in another order than its header."""
    for file, read in counts.read.items():
        broken = {reason: n for reason, n in counts.by_reason(file).items() if reason != "duplicate"}
        if (rejected := sum(broken.values())) > BROKEN_SHARE * read:
            raise BadSourceError(
                file,
                f"has {rejected:,} trips of {read:,} that break a rule ({_listed(broken)}), so"
                f" {address(FEATURES)} stays as it was: look at {address(rejected_key(run_id))} and repair"
                " the file or leave it out",
            )


def _listed(reasons: dict[str, int]) -> str:
    return ", ".join(f"{reason}: {trips:,}" for reason, trips in reasons.items())


def _count(run_id: str) -> _Counts:
    with duckdb.connect(config=OFFLINE) as connection:
        add_s3(connection)
        features = connection.read_parquet(address(model_key(run_id, "taxi_features")))
        landed = connection.read_parquet(address(f"{landed_prefix(run_id)}*.parquet"))
        rejected = connection.read_parquet(address(rejected_key(run_id)))
        read = landed.aggregate("source, count(*)").order("source").fetchall()
        broken = rejected.aggregate("source, rejection_reason, count(*)").order("all").fetchall()
        return _Counts(len(features), dict(read), {(file, reason): n for file, reason, n in broken})
