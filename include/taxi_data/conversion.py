"""Converting a file of trip records to Parquet with the pipeline's columns, without losing a row."""

import logging
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from include.taxi_data.columns import COLUMNS, EXPECTED
from include.taxi_data.errors import BadSourceError
from include.taxi_data.tables import Table, malformed_trips, open_trips

UNREADABLE_SHARE = 0.1
"""The share of unreadable rows above which a file is refused; see `_check_share_of_unreadable_rows`."""
UNREADABLE_ROWS = 10
"""The number of unreadable rows that a small file may have, unless they are more than half of its rows."""
NOT_THE_SOURCES_FAULT = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.OutOfMemoryException,
    duckdb.ParserException,
)
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

log = logging.getLogger(__name__)


def convert(path: Path, source: str, folder: Path) -> tuple[Path, int]:
    """Convert a source file to Parquet in a folder; return the new file and its number of rows.

    The columns are those of `tables.LANDED`. Trips are streamed. Raises BadSourceError if rows would be lost
    or the file is unusable as a whole.
    """
    with duckdb.connect(config={**CONFIG, "temp_directory": str(folder / "spill")}) as connection:
        try:
            table = open_trips(connection, path, source)
            landed = _write(connection, table, source, folder)
            trips = connection.read_parquet(str(landed))
            _check_number_of_rows(connection, table, len(trips), source)
            _check_share_of_unreadable_rows(trips, source)
            _log_ignored_values(trips, source)
            return landed, table.rows
        except NOT_THE_SOURCES_FAULT:
            raise
        except duckdb.Error as error:
            raise BadSourceError(source, _explain(error)) from None


def _write(connection: DuckDBPyConnection, table: Table, source: str, folder: Path) -> Path:
    landed = folder / "landed.parquet"
    table.trips.write_parquet(str(landed))
    if table.is_csv and len(malformed := malformed_trips(connection, source)):
        rows = connection.read_parquet(str(landed))
        landed = folder / "landed-with-malformed.parquet"
        rows.union(malformed).write_parquet(str(landed))
    return landed


def _check_number_of_rows(connection: DuckDBPyConnection, table: Table, rows: int, source: str) -> None:
    if rows == table.rows:
        return
    where = ""
    if table.is_csv:  # a row of several lines is one that swallows others
        ((line,),) = connection.sql(
            "select min(line) from malformed where csv_line like E'%_\n_%'"
        ).fetchall()
        where = f", the first of them at line {line}" if line else ""
    raise BadSourceError(
        source,
        f"has {table.rows:,} rows, but only {rows:,} of them can be parsed: repair its quotes{where}",
    )


def _check_share_of_unreadable_rows(trips: DuckDBPyRelation, source: str) -> None:
    """Refuse a file of another format, whose rows would otherwise be rejected one by one.

    More than 10% of the rows are too many; but 10 rows are always allowed, unless they are more than half of
    the rows of a small file. Fractions in an optional column of whole numbers count as well: the columns may
    be in another order than the header's.
    """
    rows = len(trips)
    fraction = "try_cast(split_part(ignored, ' = ', 2) as double) is not null"
    for problem in ("unreadable", f"case when {fraction} then ignored end"):
        place = f"regexp_extract({problem}, '^[a-z_]+')"  # a column, or "line"
        found = trips.filter(f"{problem} is not null").aggregate(
            f"{place} as place, count(*) as n, min({problem}) as text"
        )
        places = found.order("n desc, place").fetchall()
        if (unreadable := sum(n for _, n, _ in places)) > max(
            UNREADABLE_SHARE * rows, min(UNREADABLE_ROWS, rows / 2)
        ):
            column, _, text = places[0]
            kinds = {column.name: EXPECTED[column.kind] for column in COLUMNS}
            raise BadSourceError(
                source,
                f"has {unreadable:,} unreadable rows of {rows:,} (for example {text}; expected"
                f" {kinds.get(column, 'as many fields as in the header')}), so its format or the order of its"
                " columns is wrong: convert it",
            )


def _log_ignored_values(trips: DuckDBPyRelation, source: str) -> None:
    ((ignored, example),) = trips.aggregate("count(ignored), min(ignored)").fetchall()
    if ignored:
        log.warning(
            "%s has %s unreadable values in optional columns, which count as missing, such as %s",
            source,
            f"{ignored:,}",
            example,
        )


def _explain(error: duckdb.Error) -> str:
    reason = str(error).splitlines()[0]
    if "state machine" in reason:
        return (
            "mixes line ends (LF, CR LF, CR), or has a stray one: save it with the same line end in each line"
        )
    return f"cannot be read ({reason}): repair it or download it again"
