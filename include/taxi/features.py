"""The features file: one row per trip, with what is known at its pickup and how long it took."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from taxi.errors import UnusableFeaturesError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

# The smallest types that hold all values: training keeps every trip in memory.
FEATURE_TYPES = {
    "pickup_location_id": "int32",
    "dropoff_location_id": "int32",
    "hour_of_day": "int8",
    "day_of_week": "int8",
    "trip_distance": "float64",
}
FEATURE_NAMES = list(FEATURE_TYPES)
TARGET = "trip_duration_seconds"
PICKUP_TIME = "pickup_datetime"
PREDICTION = "predicted_duration_seconds"
# Numbers that are only labels, so drift is measured for each value.
CATEGORIES = {"pickup_location_id", "dropoff_location_id", "hour_of_day", "day_of_week"}
# Enough that each of the three parts of a split holds several trips.
MINIMUM_TRIPS = 30


def open_features(path: Path, address: str, columns: Iterable[str]) -> "pq.ParquetFile":
    """Open a features file after checking that it can be used.

    Args:
        path: where the file is.
        address: the name by which the user knows it, for messages.
        columns: those it must have; all are numbers, except the pickup time.

    Raises:
        UnusableFeaturesError: it is not Parquet, has no rows, or lacks a column or has it in the wrong type.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnusableFeaturesError(
            f"{address} is not a complete Parquet file: make it again with data_engineering_dag."
        ) from error
    schema = file.schema_arrow
    missing = [name for name in columns if name not in schema.names]
    if missing:
        raise UnusableFeaturesError(
            f"{address} has no column {', '.join(missing)}: "
            "give a file with the columns that the model uses, or train a new model on this one."
        )
    wrong = [
        f"{name} ({schema.field(name).type})" for name in columns if not _fits(name, schema.field(name).type)
    ]
    if wrong:
        raise UnusableFeaturesError(
            f"{address} has the wrong type in column {', '.join(wrong)}: "
            f"{PICKUP_TIME} must be a timestamp and the others numbers."
        )
    if file.metadata.num_rows == 0:
        raise UnusableFeaturesError(f"{address} has no rows: run data_engineering_dag on sources with trips.")
    return file


def read_training_trips(path: Path, address: str) -> "pd.DataFrame":
    """Read what training needs, in order of pickup.

    Trips that start in the same second are sorted by their other columns: the same trips give the same
    model, whatever their order in the file.

    Returns:
        One row per trip: pickup_datetime, the columns of `FEATURE_TYPES`, trip_duration_seconds (float64).

    Raises:
        UnusableFeaturesError: as in `open_features`; also for too few trips, and missing or infinite values.
    """
    columns = [PICKUP_TIME, *FEATURE_NAMES, TARGET]
    trips = open_features(path, address, columns).read(columns=columns).to_pandas()
    if len(trips) < MINIMUM_TRIPS:
        raise UnusableFeaturesError(
            f"{address} has {len(trips)} trips, too few to train on: at least {MINIMUM_TRIPS} are needed."
        )
    check_complete(trips, address)
    return trips.astype(FEATURE_TYPES).sort_values(columns, kind="stable", ignore_index=True)


def digest(trips: "pd.DataFrame") -> str:
    """Return a digest that tells whether two runs have been tested on the same trips."""
    import pandas as pd

    return hashlib.sha256(pd.util.hash_pandas_object(trips, index=False).to_numpy().tobytes()).hexdigest()


def check_complete(trips: "pd.DataFrame", address: str) -> None:
    """Raise UnusableFeaturesError if any value in `trips` is missing or infinite."""
    import numpy as np

    holes = trips.isna() | trips.isin([np.inf, -np.inf])
    incomplete = [f"{name} ({count} rows)" for name, count in holes.sum().items() if count]
    if incomplete:
        raise UnusableFeaturesError(
            f"{address} has missing or infinite values in column {', '.join(incomplete)}: "
            "make the file again with data_engineering_dag, which rejects such trips."
        )


def _fits(name: str, column_type: "pa.DataType") -> bool:
    import pyarrow.types as types

    if name == PICKUP_TIME:
        return types.is_timestamp(column_type)
    return types.is_integer(column_type) or types.is_floating(column_type) or types.is_decimal(column_type)
