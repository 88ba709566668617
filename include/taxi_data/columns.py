"""The columns of trip records: their names in the pipeline, and those in the files that TLC publishes."""

from dataclasses import dataclass

from include.taxi_data.errors import BadSourceError


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the landed trips: its name, the DuckDB macro that parses it, and its other names."""

    name: str
    macro: str
    aliases: frozenset[str]  # lower case
    required: bool = True


COLUMNS = (
    Column("pickup_datetime", "as_time", frozenset({"tpep_pickup_datetime", "lpep_pickup_datetime"})),
    Column("dropoff_datetime", "as_time", frozenset({"tpep_dropoff_datetime", "lpep_dropoff_datetime"})),
    Column("pickup_location_id", "as_whole_number", frozenset({"pulocationid"})),
    Column("dropoff_location_id", "as_whole_number", frozenset({"dolocationid"})),
    Column("trip_distance", "as_number", frozenset()),
    Column("passenger_count", "as_whole_number", frozenset(), required=False),
)


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
    if missing:
        raise BadSourceError(
            source,
            f"has no column {', '.join(missing)} among {', '.join(names)[:300]}: give TLC trip records with"
            " their header",
        )
    return positions
