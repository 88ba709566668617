"""Scoring a features file in batches: the memory it needs does not depend on the number of trips."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from taxi.drift import Distribution, count
from taxi.features import PREDICTION, check_complete
from taxi.model import predict_seconds

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

ROWS_AT_ONCE = 500_000


def score_file(
    model: "Pipeline",
    features: pq.ParquetFile,
    address: str,
    predictions: Path,
    distributions: dict[str, Distribution],
) -> dict[str, list[int]]:
    """Write the features with the predictions, and count both by the buckets of their distributions.

    Args:
        model: predicts durations, in seconds, from the feature columns.
        features: an open features file.
        address: the name by which the user knows it, for messages.
        predictions: the Parquet file to write: all columns of the features plus PREDICTION (seconds).
        distributions: those of the features, by name, and one named PREDICTION.

    Returns:
        The counts, by the same names.

    Raises:
        UnusableFeaturesError: a feature has missing or infinite values.
    """
    counts = {
        name: np.zeros(len(distribution["counts"]), dtype=int) for name, distribution in distributions.items()
    }
    feature_names = [name for name in distributions if name != PREDICTION]
    schema = features.schema_arrow
    if PREDICTION in schema.names:  # the file has been scored before
        schema = schema.remove(schema.get_field_index(PREDICTION))
    with pq.ParquetWriter(predictions, schema.append(pa.field(PREDICTION, pa.float64()))) as writer:
        for batch in features.iter_batches(batch_size=ROWS_AT_ONCE):
            trips = batch.select(feature_names).to_pandas()
            check_complete(trips, address)
            trips[PREDICTION] = predict_seconds(model, trips)
            for name in counts:
                counts[name] += count(distributions[name], trips[name])
            scored = batch.select(schema.names).append_column(PREDICTION, pa.array(trips[PREDICTION]))
            writer.write_batch(scored)
    return {name: by_bucket.tolist() for name, by_bucket in counts.items()}
