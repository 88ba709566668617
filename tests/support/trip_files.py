"""Small files of trip records."""

import gzip
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

AWKWARD_NAME = 'it\'s [1] "two"; drop table trips -- ünï 日本 $(id).csv'
HEADERS = {
    "snake_case": (
        "vendor_id,pickup_datetime,dropoff_datetime,passenger_count,trip_distance,pickup_location_id,"
        "dropoff_location_id,fare_amount"
    ),
    "yellow": (
        "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,PULocationID,"
        "DOLocationID,fare_amount"
    ),
    "green": (
        "VendorID,lpep_pickup_datetime,lpep_dropoff_datetime,passenger_count,trip_distance,PULocationID,"
        "DOLocationID,fare_amount"
    ),
}
START = datetime(2019, 1, 5, 6)


def trip(**changes: str) -> list[str]:
    """Return the fields of a good trip, in the order of HEADERS, with some changed."""
    names = HEADERS["snake_case"].split(",")
    good = ["1", "2019-01-05 06:00:00", "2019-01-05 06:10:00", "1", "3.5", "68", "236", "14.0"]
    return [changes.get(name, field) for name, field in zip(names, good, strict=True)]


def good_trips(count: int, first: int = 0) -> list[list[str]]:
    """Return `count` different good trips; trip number `first` is the first of them."""
    return [
        trip(
            pickup_datetime=str(START + timedelta(minutes=i)),
            dropoff_datetime=str(START + timedelta(minutes=i + 12)),
        )
        for i in range(first, first + count)
    ]


def to_csv(header: str, rows: list[list[str]], delimiter: str = ",", newline: str = "\n") -> bytes:
    """Write rows as CSV in UTF-8."""
    lines = [header.replace(",", delimiter), *(delimiter.join(row) for row in rows)]
    return (newline.join(lines) + newline).encode()


def to_parquet(header: str, rows: list[list[str]]) -> bytes:
    """Write rows as Parquet with the types that TLC uses."""
    columns = list(zip(*rows, strict=True))
    times = [pa.array([datetime.fromisoformat(text) for text in column]) for column in columns[1:3]]
    arrays = [
        pa.array([int(text) for text in columns[0]]),
        *times,
        pa.array([float(text) for text in columns[3]]),  # counts are doubles in TLC's files
        pa.array([float(text) for text in columns[4]]),
        *(pa.array([int(text) for text in column]) for column in columns[5:7]),
        pa.array([float(text) for text in columns[7]]),
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, header.split(",")), buffer)
    return buffer.getvalue()


def with_times(rows: list[list[str]], form: Callable[[datetime], str]) -> list[list[str]]:
    """Return the rows with their times written in another form."""
    return [[row[0], *(form(datetime.fromisoformat(text)) for text in row[1:3]), *row[3:]] for row in rows]


def parquet_of(columns: dict[str, pa.Array]) -> bytes:
    """Write columns as Parquet."""
    pq.write_table(pa.table(columns), buffer := io.BytesIO())
    return buffer.getvalue()


def with_parquet_times(rows: list[list[str]], of_type: pa.DataType) -> bytes:
    """Write rows as Parquet, with times in New York as instants, or as numbers since 1970."""
    table = pq.read_table(io.BytesIO(to_parquet(YELLOW, rows)))
    columns = dict(zip(table.column_names, table.columns, strict=True))
    for name in YELLOW.split(",")[1:3]:
        local = [time.replace(tzinfo=NEW_YORK) for time in columns[name].to_pylist()]
        columns[name] = pa.array(local, pa.timestamp("us", "UTC")).cast(of_type)
    return parquet_of(columns)


def with_note(rows: list[list[str]], note: str, last_line_end: str = "\n") -> bytes:
    """Write rows as CSV with a note in a last column."""
    content = to_csv(f"{SNAKE},note", [[*row, note] for row in rows])
    return content.removesuffix(b"\n") + last_line_end.encode()


NEW_YORK = ZoneInfo("America/New_York")
SNAKE, YELLOW, GREEN = HEADERS["snake_case"], HEADERS["yellow"], HEADERS["green"]
FIVE = good_trips(5)

GOOD_FILES = {
    "snake case": to_csv(SNAKE, FIVE),
    "official yellow names": to_csv(YELLOW, FIVE),
    "official green names": to_csv(GREEN, FIVE),
    "names in capitals and spaces": to_csv(SNAKE.upper().replace(",", " , "), FIVE),
    "Parquet, snake case": to_parquet(SNAKE, FIVE),
    "Parquet, official": to_parquet(YELLOW, FIVE),
    "gzip": gzip.compress(to_csv(SNAKE, FIVE)),
    "gzip of Parquet": gzip.compress(to_parquet(YELLOW, FIVE)),
    "byte order mark": b"\xef\xbb\xbf" + to_csv(SNAKE, FIVE),
    "Windows newlines": to_csv(SNAKE, FIVE, newline="\r\n"),
    "byte order mark, semicolons and Windows newlines": b"\xef\xbb\xbf" + to_csv(SNAKE, FIVE, ";", "\r\n"),
    "tabs": to_csv(SNAKE, FIVE, "\t"),
    "quoted fields": to_csv(SNAKE, [[f'"{field}"' for field in row] for row in FIVE]),
    "no newline at the end": to_csv(SNAKE, FIVE).rstrip(b"\n"),
    "empty lines at the end": to_csv(SNAKE, FIVE) + b"\n\n",
    "zone ids as 68.0": to_csv(SNAKE, [[*row[:5], "68.0", "236.0", row[7]] for row in FIVE]),
    "times with T": to_csv(SNAKE, with_times(FIVE, datetime.isoformat)),
    "times with fractions of seconds": to_csv(SNAKE, with_times(FIVE, "{}.000".format)),
    "times with AM and PM": to_csv(SNAKE, with_times(FIVE, lambda time: f"{time:%m/%d/%Y %I:%M:%S %p}")),
    "times as a spreadsheet shows them": to_csv(
        SNAKE, with_times(FIVE, lambda time: f"{time:%m/%d/%y %H:%M}")
    ),
    "times with New York's offset": to_csv(SNAKE, with_times(FIVE, "{}-05:00".format)),
    "times with a short offset": to_csv(SNAKE, with_times(FIVE, "{} -0500".format)),
    "times with an abbreviation": to_csv(SNAKE, with_times(FIVE, "{} EST".format)),
    "times in UTC": to_csv(
        SNAKE, with_times(FIVE, lambda time: f"{time + timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}")
    ),
    "Parquet with instants in UTC": with_parquet_times(FIVE, pa.timestamp("us", "UTC")),
    "Parquet with instants in Tokyo": with_parquet_times(FIVE, pa.timestamp("ns", "Asia/Tokyo")),
    "blank lines before the header": b"\n \n\n" + to_csv(SNAKE, FIVE),
    "blank Windows lines before the header": b"\r\n\r\n" + to_csv(SNAKE, FIVE, newline="\r\n"),
    "line breaks in the last field": with_note(FIVE, '"one, more\nor ""two"""'),
    "line breaks in the last field, no newline at the end": with_note(FIVE, '"one\n\ntwo"', ""),
    "line breaks in the first field": to_csv(SNAKE, [['"1\n2"', *row[1:]] for row in FIVE]),
    "old line ends": to_csv(SNAKE, FIVE, newline="\r"),
    "quotes within fields": with_note(FIVE, "5'11\" tall"),
}


PARQUET = to_parquet(YELLOW, good_trips(500))
CSV = to_csv(SNAKE, FIVE)
