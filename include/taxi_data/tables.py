"""Opening a file of trip records, CSV or Parquet, as a DuckDB relation with the pipeline's columns."""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from include.taxi_data.columns import COLUMNS, find_columns
from include.taxi_data.csv_files import MAX_ERRORS, count_rows, open_csv, read_header
from include.taxi_data.errors import BadSourceError
from include.taxi_data.values import INSTANT, add_macros, value_sql

LANDED = ("source", *(column.name for column in COLUMNS), "elapsed_seconds", "unreadable", "ignored")
"""The columns of landed trips; `models/sources.yml` says what they mean."""


@dataclass(frozen=True, slots=True)
class Table:
    """The trips of a file, and the number of rows that the file holds by another count than the reader's."""

    trips: DuckDBPyRelation
    rows: int
    is_csv: bool


def open_trips(connection: DuckDBPyConnection, path: Path, source: str) -> Table:
    """Return the trips of a file, with the columns LANDED.

    A value that cannot be parsed is null. CSV rows with the wrong number of columns are left out;
    `malformed_trips` returns them after the relation has been read. Raises BadSourceError if the file as a
    whole cannot be used.
    """
    with path.open("rb") as file:
        is_csv = file.read(4) != b"PAR1"
    if is_csv:
        header = read_header(path, source)
        positions = find_columns(header.names, source)
        rows = count_rows(path, header, source)
        table = open_csv(connection, path, header)
    else:
        _check_end_of_parquet(path, source)
        table = connection.read_parquet(str(path))
        positions = find_columns(table.columns, source)
        metadata = connection.sql(
            "select num_rows from parquet_file_metadata($path)", params={"path": str(path)}
        )
        ((rows,),) = metadata.fetchall()
    add_macros(connection)
    return Table(_typed(table, positions, source), rows, is_csv)


def malformed_trips(connection: DuckDBPyConnection, source: str) -> DuckDBPyRelation:
    """Return the CSV rows that were left out when the relation was read, with the columns LANDED.

    Raises BadSourceError if there are too many of them.
    """
    errors = connection.table("malformed")
    if len(errors) >= MAX_ERRORS:  # DuckDB does not keep more
        raise BadSourceError(source, "has thousands of rows that do not fit its header: check the file")
    rows = errors.aggregate("line, min(error_message) as error, min(csv_line) as text")
    problem = "'line ' || line || ': ' || error || ': ' || left(trim(text, E'\\n\\r'), 200)"
    values = {"source": duckdb.ConstantExpression(source), "unreadable": duckdb.SQLExpression(problem)}
    null = duckdb.ConstantExpression(None)
    return rows.select(*(values.get(name, null).alias(name) for name in LANDED))


def _check_end_of_parquet(path: Path, source: str) -> None:
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        if file.read() != b"PAR1":
            raise BadSourceError(source, "is a truncated Parquet file: download it again")


def _typed(table: DuckDBPyRelation, positions: dict[str, int], source: str) -> DuckDBPyRelation:
    """Return the table with the columns LANDED; each step uses the columns of the last one."""
    types = {name: str(table.types[i]) for name, i in positions.items()}
    texts, values, instants, times = [], [], [], []
    unreadable: list[str] = []
    ignored = ["null"]  # `coalesce` needs two or more
    for column in COLUMNS:
        name, text = column.name, f"{column.name}_text"
        texts.append(f"{_quoted(table.columns[positions[name]]) if name in positions else 'null'} as {text}")
        values.append(f"{value_sql(column.kind, types.get(name, 'VARCHAR'), text)} as {name}")
        if column.kind == "time":
            instants.append(f"case when {name} is null then utc_time({text}::varchar) end as {name}_utc")
            if types[name] == INSTANT:
                instants[-1] = f"timezone('UTC', {text}) as {name}_utc"
            times.append(f"coalesce({name}, new_york({name}_utc)) as {name}")
        (unreadable if column.required else ignored).append(f"unreadable('{name}', {text}, {name})")
    names = ", ".join(column.name for column in COLUMNS)
    typed = table.query(
        "file",
        f"""
        with texts as (select {", ".join(texts)} from file),
        parsed as (select *, {", ".join(values)} from texts),
        instants as (select *, {", ".join(instants)} from parsed),
        times as (select * replace ({", ".join(times)}) from instants)
        select
            {names},
            date_diff('second', pickup_datetime_utc, dropoff_datetime_utc) as elapsed_seconds,
            coalesce({", ".join(unreadable)}) as unreadable,
            coalesce({", ".join(ignored)}) as ignored
        from times
        """,  # noqa: S608, the only text of the file in it is quoted: the names of its columns
    )
    columns = [duckdb.ColumnExpression(name) for name in LANDED[1:]]
    return typed.select(duckdb.ConstantExpression(source).alias("source"), *columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
