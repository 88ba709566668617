"""Opening a file of trip records, CSV or Parquet, as a DuckDB relation with the pipeline's columns."""

import csv
import io
import os
from pathlib import Path

import duckdb
from duckdb import (
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    FunctionExpression,
)

from include.taxi_data.columns import COLUMNS, find_columns
from include.taxi_data.errors import BadSourceError

MAX_ERRORS = 100_000
"""The number of surplus and missing fields from which a CSV file is refused."""
HEAD = 1 << 16
"""The number of bytes that are read at a file's start and end to find its first and last line."""

MACROS = """
create or replace macro as_time(value) as
    case when isfinite(try_cast(value as timestamp)) then try_cast(value as timestamp) end;
create or replace macro as_number(value) as
    nullif(try_cast(value as double), 'nan'::double);
create or replace macro as_whole_number(value) as
    case when as_number(value) = trunc(as_number(value)) and abs(as_number(value)) < 1e9
        then as_number(value)::integer end;
create or replace macro unreadable(name, value, read) as
    case when read is null and lower(value::varchar) <> 'nan'
        then name || ' = ' || left(value::varchar, 200) end;
"""


def open_trips(connection: DuckDBPyConnection, path: Path, source: str) -> DuckDBPyRelation:
    """Return the trips of a file: `source`, then a typed column for each of COLUMNS, then `unreadable`.

    A value that cannot be parsed is null, and `unreadable` holds the first one of the row. CSV rows with the
    wrong number of columns are left out; `malformed_trips` returns them after the relation has been read.
    Raises BadSourceError if the file as a whole cannot be used.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise BadSourceError(source, "is empty: give a file with trip records")
    if head.startswith(b"PAR1"):
        table = _open_parquet(connection, path, source)
        names = table.columns
    else:
        names, delimiter = _read_header(head, source)
        _check_last_row(path, delimiter, len(names), source)
        table = _open_csv(connection, path, delimiter, len(names))
    positions = find_columns(names, source)
    connection.execute(MACROS)
    texts = {name: ColumnExpression(f'"{table.columns[i]}"') for name, i in positions.items()}
    values = {
        column.name: FunctionExpression(column.macro, texts.get(column.name, ConstantExpression(None)))
        for column in COLUMNS
    }
    problems = [
        FunctionExpression("unreadable", ConstantExpression(name), text, values[name])
        for name, text in texts.items()
    ]
    return table.select(
        ConstantExpression(source).alias("source"),
        *(value.alias(name) for name, value in values.items()),
        CoalesceOperator(*problems).alias("unreadable"),
    )


def malformed_trips(connection: DuckDBPyConnection, source: str) -> DuckDBPyRelation:
    """Return the CSV rows that were left out when the relation was read, with the columns of `open_trips`.

    Raises BadSourceError if there are too many of them.
    """
    errors = connection.table("malformed")
    if len(errors) >= MAX_ERRORS:  # DuckDB does not keep more
        raise BadSourceError(source, "has thousands of rows that do not fit its header: check the file")
    rows = errors.aggregate("line, min(error_message) as error, min(csv_line) as text")
    problem = "'line ' || line || ': ' || error || ': ' || left(trim(text, E'\\n\\r'), 200)"
    return rows.select(
        ConstantExpression(source).alias("source"),
        *(ConstantExpression(None).alias(column.name) for column in COLUMNS),
        duckdb.SQLExpression(problem).alias("unreadable"),
    )


def _open_parquet(connection: DuckDBPyConnection, path: Path, source: str) -> DuckDBPyRelation:
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        if file.read() != b"PAR1":
            raise BadSourceError(source, "is a truncated Parquet file: download it again")
    return connection.read_parquet(str(path))


def _open_csv(connection: DuckDBPyConnection, path: Path, delimiter: str, width: int) -> DuckDBPyRelation:
    return connection.read_csv(
        str(path),
        auto_detect=False,
        header=True,
        sep=delimiter,
        quotechar='"',
        escapechar='"',
        columns={f"column{i}": "VARCHAR" for i in range(width)},
        store_rejects=True,
        rejects_table="malformed",
        rejects_limit=MAX_ERRORS,
    )


def _read_header(head: bytes, source: str) -> tuple[list[str], str]:
    """Return the column names of a CSV file and its delimiter."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise BadSourceError(source, "is a web page (HTML or XML), not trip records: check the address")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise BadSourceError(source, "is neither Parquet nor CSV in UTF-8: save it as one of them")
    try:
        line = head.splitlines()[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSourceError(source, "has a header that is not UTF-8: save it as UTF-8") from None
    delimiter = max(",;\t|", key=line.count)
    return next(csv.reader([line], delimiter=delimiter)), delimiter


def _check_last_row(path: Path, delimiter: str, width: int, source: str) -> None:
    """Refuse a file that ends in the middle of a row: an unknown number of rows is missing."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - HEAD, 0))
        tail = file.read()
    if tail.endswith((b"\n", b"\r")):
        return
    last = tail.splitlines()[-1].decode("utf-8", errors="replace")
    fields = len(next(csv.reader(io.StringIO(last), delimiter=delimiter)))
    if fields != width:
        raise BadSourceError(
            source,
            f"is truncated (its last row has {fields} of {width} columns: {last[:80]!r}): download it again",
        )
