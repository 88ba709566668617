"""The columns of trip records: their names in the pipeline, and those in the files that TLC publishes."""

import re
from dataclasses import dataclass
from typing import Literal

from include.taxi_data.errors import BadSourceError


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the landed trips: its name, the kind of its values, and its other names."""

    name: str
    kind: Literal["time", "number", "whole_number"]
    aliases: frozenset[str] = frozenset()  # lower case
    required: bool = True


COLUMNS = (
    Column("pickup_datetime", "time", frozenset({"tpep_pickup_datetime", "lpep_pickup_datetime"})),
    Column("dropoff_datetime", "time", frozenset({"tpep_dropoff_datetime", "lpep_dropoff_datetime"})),
    Column("pickup_location_id", "whole_number", frozenset({"pulocationid"})),
    Column("dropoff_location_id", "whole_number", frozenset({"dolocationid"})),
    Column("trip_distance", "number", frozenset({"trip_miles"})),  # the latter in high volume for-hire trips
    Column("passenger_count", "whole_number", required=False),
)
EXPECTED = {
    "time": "a time such as 2024-01-31 08:00:10, 2024-01-31T08:00:10-05:00 or 01/31/2024 08:00:10 AM",
    "number": "a number such as 2.5",
    "whole_number": "a whole number such as 68",
}
"""What the values of each kind look like, for error messages."""
COORDINATE = re.compile(r"(^|_)(lon|lat)(gitude|itude)?$")


def find_columns(names: list[str], source: str) -> dict[str, int]:
    """Return the positions of COLUMNS among a file's column names; optional columns may be missing.

    Raises BadSourceError if a required column is missing or a column occurs twice.
    """
    simple = [name.strip().lower() for name in names]
    positions: dict[str, int] = {}
    for column in COLUMNS:
        matches = [i for i, name in enumerate(simple) if name == column.name or name in column.aliases]
        if len(matches) > 1:
            both = " and ".join(names[i] for i in matches)
            raise BadSourceError(source, f"has two columns for {column.name} ({both}): remove one")
        if matches:
            positions[column.name] = matches[0]
    missing = [column.name for column in COLUMNS if column.required and column.name not in positions]
    coordinates = [name for name in simple if COORDINATE.search(name)]
    if coordinates and "pickup_datetime" in positions and any("location" in name for name in missing):
        raise BadSourceError(
            source,
            f"has coordinates ({', '.join(coordinates)}) instead of taxi zones: TLC's records have zone ids"
            " (PULocationID, DOLocationID) from July 2016 on, so give a file of that month or later",
        )
    if missing:  # what the file has instead is not shown: it may be any file of the worker
        raise BadSourceError(
            source, f"has no column {', '.join(missing)}: give TLC trip records with their header"
        )
    return positions
