"""Landing a source file in S3 as Parquet."""

import logging
import tempfile
from pathlib import Path

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from include.taxi_data.conversion import convert
from include.taxi_data.errors import BadSourceError
from include.taxi_data.fetch import fetch
from include.taxi_data.storage import BUCKET, CONNECTION, landed_prefix

log = logging.getLogger(__name__)


def land(source: str, run_id: str, index: int) -> int:
    """Write the rows of a source file to S3 in one step, as the run's `index`-th file; return their number.

    Trips are streamed; the columns are those of `tables.LANDED`. Raises BadSourceError if a user has to
    act.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = fetch(source, folder)
        landed, trips = convert(path, source, folder)
        if not trips:
            raise BadSourceError(source, "has a header but no trips: give a file with trip records")
        key = f"{landed_prefix(run_id)}{index:05}.parquet"
        S3Hook(CONNECTION).load_file(landed, key, BUCKET, replace=True)
    log.info("Landed %s trips of %s in s3://%s/%s", f"{trips:,}", source, BUCKET, key)
    return trips
