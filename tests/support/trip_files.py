"""Small files of trip records, good ones and broken ones."""

import gzip
import io
from datetime import datetime, timedelta

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
    "times with T": to_csv(
        SNAKE, [[row[0], *(f.replace(" ", "T") for f in row[1:3]), *row[3:]] for row in FIVE]
    ),
}

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
    "the same again": (FIVE[0], "duplicate"),
}
