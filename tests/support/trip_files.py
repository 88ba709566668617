"""Small files of trip records, good ones and broken ones."""

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


def with_damaged_lines(*damages: int | str) -> bytes:
    """Write 1,000 trips with an opening quote in some lines, each given with the place in the line."""
    rows = good_trips(1000)
    for line, place in zip(damages[::2], damages[1::2], strict=True):
        row = rows[int(line) - 2]
        row[:] = [*row[:-1], f'"{row[-1]}'] if place == "last" else [f'"{row[0]}', *row[1:]]
    return to_csv(SNAKE, rows)


PARQUET = to_parquet(YELLOW, good_trips(500))
CSV = to_csv(SNAKE, FIVE)

# Files that are refused as a whole, each with a part of the error message.
BAD_FILES = {
    "empty": (b"", "is empty"),
    "only newlines": (b"\r\n\n", "is empty"),
    "header alone": (to_csv(SNAKE, []), "no trips"),
    "Parquet without rows": (
        (lambda b: (pq.write_table(pq.read_table(io.BytesIO(PARQUET)).slice(0, 0), b), b.getvalue())[1])(
            io.BytesIO()
        ),
        "no trips",
    ),
    "CSV cut in a row": (CSV[:-30], "truncated"),
    "CSV cut in a quoted field": (CSV + b'1,"2019-01-05 06', "truncated"),
    "CSV cut in the header": (CSV[:40], "has no column"),
    "truncated gzip": (gzip.compress(to_csv(SNAKE, good_trips(500)))[:1000], "truncated"),
    "truncated Parquet": (PARQUET[:-100], "truncated"),
    "Parquet of four bytes": (b"PAR1", "cannot be read"),
    "Parquet with damaged pages": (PARQUET[:4] + b"\xff" * 2000 + PARQUET[2004:], "cannot be read"),
    "Parquet with a damaged footer": (PARQUET[:-200] + b"\xff" * 150 + PARQUET[-50:], "cannot be read"),
    "column missing": (to_csv(SNAKE.replace("trip_distance", "fare"), FIVE), "has no column trip_distance"),
    "column renamed": (
        to_csv(SNAKE.replace("pickup_datetime", "start"), FIVE),
        "has no column pickup_datetime",
    ),
    "Parquet column missing": (to_parquet(YELLOW.replace("DOLocationID", "x"), FIVE), "dropoff_location_id"),
    "column twice": (
        to_csv(SNAKE.replace("fare_amount", "PULocationID"), FIVE),
        "two columns for pickup_location",
    ),
    "no header": (CSV.partition(b"\n")[2], "has no column pickup_datetime"),
    "web page": (b"\n <!doctype html><html><body>404</body></html>\n", "is a web page"),
    "XML error": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "is a web page"),
    "quote that is never closed": (with_damaged_lines(102, "last"), "quote in line 102 that is not closed"),
    "quotes that pair across rows": (with_damaged_lines(102, "last", 500, "last"), "quote in line 102 that"),
    "quotes that pair across two rows": (with_damaged_lines(7, "first", 8, "first"), "quote in line 7 that"),
    "quote that is never closed in the last row": (with_damaged_lines(1001, "last"), "line 1001 opens"),
    "quotes that pair within a row, wrongly": (
        to_csv(
            SNAKE,
            [*FIVE, trip(vendor_id='1"', fare_amount='"14.0'), *good_trips(90, 10)],
        ),
        "96 rows, of which 6 can be told apart: repair its quotes, the first of them at line 7",
    ),
    "mixed line ends": (to_csv(SNAKE, FIVE[:2]) + to_csv(SNAKE, FIVE, newline="\r\n"), "mixes line ends"),
    "Parquet with numbers instead of times": (
        with_parquet_times(FIVE, pa.int64()),
        r"5 unreadable rows of 5 \(for example pickup_datetime = 15466\d+; expected a time such as",
    ),
    "decimal commas": (
        to_csv(SNAKE, [[*row[:4], "3,5", *row[5:]] for row in FIVE], ";"),
        r"trip_distance = 3,5; expected a number",
    ),
    "times with the day first": (
        to_csv(SNAKE, with_times(good_trips(90), lambda time: f"{time + timedelta(20):%d/%m/%Y %H:%M}")),
        "pickup_datetime = 25/01/2019 06:00; expected a time",
    ),
    "columns in another order": (
        to_csv(SNAKE, [[row[0], row[3], *row[1:3], *row[4:]] for row in FIVE]),
        "pickup_datetime = 1; expected a time",
    ),
    "distance and passengers exchanged": (
        to_csv(SNAKE, [[*row[:3], row[4], row[3], *row[5:]] for row in FIVE]),
        "passenger_count = 3.5; expected a whole number",
    ),
    "more than 10% unreadable": (
        to_csv(SNAKE, [*good_trips(180), *[trip(trip_distance="far")] * 21]),
        "21 unreadable rows of 201 .*trip_distance = far",
    ),
    "coordinates": (
        to_csv(SNAKE.replace("_location_id", "_longitude"), FIVE),
        "has coordinates .* from July 2016 on",
    ),
    "JSON": (b'{"error": "rate limit"}', "has no column"),
    "UTF-16": (CSV.decode().encode("utf-16"), "UTF-8"),
    "ZIP archive": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 50, "UTF-8"),
}

# Broken rows, each with the reason for its rejection.
BAD_ROWS = {
    "text in a number": (trip(trip_distance="a lot"), "unreadable_value"),
    "text in a time": (trip(pickup_datetime="yesterday"), "unreadable_value"),
    "half a zone": (trip(pickup_location_id="68.5"), "unreadable_value"),
    "a time without end": (trip(dropoff_datetime="infinity"), "unreadable_value"),
    "too few columns": (trip()[:5], "unreadable_value"),
    "too many columns": ([*trip(), "7"], "unreadable_value"),
    "no pickup time": (trip(pickup_datetime=""), "missing_value"),
    "not a number": (trip(trip_distance="nan"), "missing_value"),
    "clock reset": (
        trip(pickup_datetime="2008-12-31 23:00:00", dropoff_datetime="2008-12-31 23:10:00"),
        "impossible_date",
    ),
    "future": (
        trip(pickup_datetime="2058-01-05 06:00:00", dropoff_datetime="2058-01-05 06:10:00"),
        "impossible_date",
    ),
    "unknown location": (trip(dropoff_location_id="999"), "unknown_location"),
    "zone 0": (trip(pickup_location_id="0"), "unknown_location"),
    "no location": (trip(pickup_location_id=""), "unknown_location"),
    "negative duration": (trip(dropoff_datetime="2019-01-05 05:50:00"), "dropoff_before_pickup"),
    "no duration": (trip(dropoff_datetime="2019-01-05 06:00:00"), "shorter_than_a_minute"),
    "24 hours": (trip(dropoff_datetime="2019-01-06 05:59:00"), "longer_than_3_hours"),
    "no distance": (trip(trip_distance="0.00"), "no_distance"),
    "negative distance": (trip(trip_distance="-3.5"), "no_distance"),
    "10,000 miles": (trip(trip_distance="10000"), "farther_than_100_miles"),
    "endless": (trip(trip_distance="inf"), "farther_than_100_miles"),
    "faster than any taxi": (trip(trip_distance="90"), "faster_than_100_mph"),
    "NA in a required column": (trip(trip_distance="NA"), "missing_value"),
    "the same again": (FIVE[0], "duplicate"),
}
