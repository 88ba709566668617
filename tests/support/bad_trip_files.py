"""Broken files of trip records, each with the error message, and broken rows, each with the reason."""

import gzip
import io
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.trip_files import (
    CSV,
    FIVE,
    PARQUET,
    SNAKE,
    YELLOW,
    good_trips,
    to_csv,
    to_parquet,
    trip,
    with_parquet_times,
    with_times,
)


def with_damaged_lines(*damages: int | str) -> bytes:
    """Write 1,000 trips with an opening quote in some lines, each given with the place in the line."""
    rows = good_trips(1000)
    for line, place in zip(damages[::2], damages[1::2], strict=True):
        row = rows[int(line) - 2]
        row[:] = [*row[:-1], f'"{row[-1]}'] if place == "last" else [f'"{row[0]}', *row[1:]]
    return to_csv(SNAKE, rows)


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
        "96 rows, but only 6 of them can be parsed: repair its quotes, the first of them at line 7",
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
