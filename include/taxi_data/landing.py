"""Landing a source file in S3 as Parquet."""

import logging
import tempfile
from pathlib import Path

import duckdb
from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from include.taxi_data.errors import BadSourceError
from include.taxi_data.fetch import fetch
from include.taxi_data.storage import BUCKET, CONNECTION, landed_prefix
from include.taxi_data.tables import malformed_trips, open_trips

NOT_THE_SOURCES_FAULT = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.OutOfMemoryException,
    duckdb.ParserException,
)

log = logging.getLogger(__name__)


def land(source: str, run_id: str, index: int) -> int:
    """Write the rows of a source file to S3 in one step, as the run's `index`-th file; return their number.

    Trips are streamed; the columns are those of `tables.open_trips`. Raises BadSourceError if a user has to
    act.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = fetch(source, folder)
        landed, trips = _convert(path, source, folder)
        if not trips:
            raise BadSourceError(source, "has a header but no trips: give a file with trip records")
        key = f"{landed_prefix(run_id)}{index:05}.parquet"
        S3Hook(CONNECTION).load_file(landed, key, BUCKET, replace=True)
    log.info("Landed %s trips of %s in s3://%s/%s", f"{trips:,}", source, BUCKET, key)
    return trips


def _convert(path: Path, source: str, folder: Path) -> tuple[Path, int]:
    """Convert a source file to Parquet; return the new file and its number of rows."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "1GB",
        "temp_directory": str(folder / "spill"),
    }
    with duckdb.connect(config=config) as connection:
        try:
            landed = folder / "landed.parquet"
            open_trips(connection, path, source).write_parquet(str(landed))
            if connection.sql("from duckdb_tables() where table_name = 'malformed'") and (
                malformed := malformed_trips(connection, source)
            ):
                rows = connection.read_parquet(str(landed))
                landed = folder / "landed-with-malformed.parquet"
                rows.union(malformed).write_parquet(str(landed))
            return landed, len(connection.read_parquet(str(landed)))
        except NOT_THE_SOURCES_FAULT:
            raise
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise BadSourceError(
                source, f"cannot be read ({reason}): repair it or download it again"
            ) from None
