"""Reading CSV files of trip records: their header, the number of their rows, and the rows."""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from include.taxi_data.errors import BadSourceError

HEAD = 1 << 16
"""The number of bytes at the start of a file in which its header must be."""
CHUNK = 1 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_ERRORS = 100_000
"""The number of surplus and missing fields from which a CSV file is refused."""
MAX_LINES = 100
"""The number of lines that a row may have, because of line breaks in quoted fields."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a CSV file: column names, delimiter, blank lines before it, and its offset in bytes."""

    names: list[str]
    delimiter: str
    blank_lines: int
    offset: int


def read_header(path: Path, source: str) -> Header:
    """Read a file's header. Raises BadSourceError if the file is not CSV in UTF-8."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.lstrip(BYTE_ORDER_MARK + b" \t\r\n").startswith(b"<"):
        raise BadSourceError(source, "is a web page (HTML or XML), not trip records: check the address")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise BadSourceError(source, "is neither Parquet nor CSV in UTF-8: save it as one of them")
    text = head.removeprefix(BYTE_ORDER_MARK)
    lines = text.splitlines(keepends=True)
    blank = next((i for i, line in enumerate(lines) if line.strip()), None)
    if blank is None:
        raise BadSourceError(source, "is empty: give a file with trip records")
    try:
        line = lines[blank].decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadSourceError(source, "has a header that is not UTF-8: save it as UTF-8") from None
    delimiter = max(",;\t|", key=line.count)
    offset = len(head) - len(text) + sum(map(len, lines[:blank]))
    return Header(_split(line, delimiter), delimiter, blank, offset)


def count_rows(path: Path, header: Header, source: str) -> int:
    """Return the number of rows below the header, from the file's lines and quotes alone.

    It is compared with what DuckDB reads, whose parser takes everything after an unpaired quote for one
    field. Raises BadSourceError if a quoted field contains rows, or if the file ends in the middle of a row.
    """
    counter = _RowCounter(header, source)
    ended = True
    with path.open("rb") as file:
        file.seek(header.offset)
        while chunk := file.read(CHUNK) + file.readline():
            counter.add(chunk)
            ended = chunk.endswith((b"\n", b"\r"))
    counter.check_last_row(ended)
    return counter.rows - 1


def open_csv(connection: duckdb.DuckDBPyConnection, path: Path, header: Header) -> duckdb.DuckDBPyRelation:
    """Return a file's rows as text; reading them puts those that do not fit the header in `malformed`."""
    return connection.read_csv(
        str(path),
        auto_detect=False,
        header=True,
        skiprows=header.blank_lines,
        sep=header.delimiter,
        quotechar='"',
        escapechar='"',
        columns={f"column{i}": "VARCHAR" for i in range(len(header.names))},
        store_rejects=True,
        rejects_table="malformed",
        rejects_limit=MAX_ERRORS,
    )


class _RowCounter:
    """Counts rows, the header's among them: one per line, unless a quoted field contains line breaks."""

    def __init__(self, header: Header, source: str) -> None:
        self.rows = 0
        self._header, self._source = header, source
        self._lines = header.blank_lines
        self._open: list[bytes] = []  # the lines so far of a row with an open quote
        self._last = b""

    def add(self, chunk: bytes) -> None:
        """Count the rows of a chunk of whole lines."""
        lines = chunk.splitlines()
        if self._open or b'"' in chunk:
            for line in lines:
                self._add_line(line)
        else:
            self.rows += sum(map(bool, lines))
            self._lines += len(lines)
            self._last = next(filter(None, reversed(lines)), self._last)

    def check_last_row(self, has_line_end: bool) -> None:
        """Refuse a file that ends in the middle of a row: an unknown number of rows is missing."""
        if self._open:
            raise BadSourceError(
                self._source,
                f"is truncated, or the quote that line {self._first_line()} opens is never closed:"
                " download it again or repair that line",
            )
        text = self._last.decode(errors="replace")
        fields, width = len(_split(text, self._header.delimiter)), len(self._header.names)
        if fields != width and not has_line_end:
            raise BadSourceError(
                self._source,
                f"is truncated (its last row has {fields} of {width} columns: {text[:80]!r}): download it"
                " again",
            )

    def _add_line(self, line: bytes) -> None:
        self._lines += 1
        if not self._open and line.count(b'"') % 2 == 0:
            self.rows += bool(line)
            self._last = line or self._last
            return
        self._open.append(line)
        self._last = b"\n".join(self._open)
        is_open, fields = _strict_fields(self._last, self._header.delimiter)
        is_one_row = is_open or fields == len(self._header.names)
        if len(self._open) > (MAX_LINES if is_one_row else 1):
            raise BadSourceError(
                self._source,
                f"has a quote in line {self._first_line()} that is not closed before the next row: repair"
                " that line",
            )
        if not is_open:
            self.rows += 1
            self._open = []

    def _first_line(self) -> int:
        return self._lines - len(self._open) + 1


def _strict_fields(row: bytes, delimiter: str) -> tuple[bool, int]:
    """Return whether a row ends within quotes, and the number of its fields; 0 if its quotes are wrong."""
    try:
        return False, len(next(csv.reader([row.decode("latin-1")], delimiter=delimiter, strict=True)))
    except csv.Error as error:
        return "unexpected end of data" in str(error), 0


def _split(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:  # a field of more than 128 KB
        return []
