"""Property test: a damaged CSV file is refused with one clear message, or it is read without losing a row."""

import csv
import io
import tempfile
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from include.taxi_data.conversion import convert
from include.taxi_data.errors import BadSourceError
from tests.support.trip_files import SNAKE, good_trips, to_csv

TRIPS = good_trips(30)
QUOTED = [[f'"{field}"' for field in trip] for trip in TRIPS]
INSERTED = [
    b'"',
    b'""',
    b'"\n',
    b',"',
    b'",',
    b",",
    b";",
    b"\n",
    b"\r\n",
    b"\r",
    b"\xff",
    b"\xc3",
    b"\x00",
    b" ",
    b"7",
]
TIMES_AND_DISTANCE = "pickup_datetime::varchar, dropoff_datetime::varchar, trip_distance"  # year 72019, too
# Each is a place as a share of the file, the number of bytes that are cut there, and those that are inserted.
DAMAGE = st.tuples(
    st.floats(0, 1),
    st.sampled_from([0, 0, 0, 1, 2, 40, 200, 10**9]),
    st.sampled_from([b"", *INSERTED]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    rows=st.sampled_from([TRIPS, QUOTED]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    damages=st.lists(DAMAGE, min_size=1, max_size=3),
)
def test_no_row_is_lost_silently_and_every_refusal_is_one_message(rows, newline, encoding, damages):
    content = to_csv(SNAKE, rows, newline=newline).decode().encode(encoding)
    lines = content.splitlines()
    for share, cut, inserted in damages:
        start = int(share * len(content))
        content = content[:start] + inserted + content[start + cut :]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "trips.csv")
        path.write_bytes(content)
        try:
            landed, count = convert(path, "damaged.csv", Path(name))
            found = duckdb.read_parquet(str(landed)).select(TIMES_AND_DISTANCE).fetchall()
        except BadSourceError as error:
            refusal = str(error)
        else:
            refusal = None
    if refusal:
        assert refusal.startswith("damaged.csv ")
        assert len(refusal.splitlines()) == 1
        return
    text = io.StringIO(content.decode("latin-1"), newline="")
    assert len(found) == count == sum(1 for row in csv.reader(text) if row) - 1
    whole = set(content.splitlines()).intersection(lines[1:])
    assert {
        (row[1], row[2], 3.5) for row, line in zip(TRIPS, lines[1:], strict=True) if line in whole
    } <= set(found)
