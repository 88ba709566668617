"""Scoring a features file piece by piece, so that memory does not grow with its number of trips."""

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
    """Write the features with their predictions, and count both by the buckets of the distributions.

    Args:
        model: predicts seconds from a frame with the feature columns.
        features: an open features file.
        address: what the user calls it, for messages.
        predictions: the Parquet file to write: all columns of the features plus PREDICTION (seconds).
        distributions: by name of a feature, and one named PREDICTION.

    Returns:
        Counts by the same names.

    Raises:
        UnusableFeaturesError: a missing or infinite value in a feature.
    """
    counts = {
        name: np.zeros(len(distribution["counts"]), dtype=int) for name, distribution in distributions.items()
    }
    feature_names = [name for name in distributions if name != PREDICTION]
    schema = features.schema_arrow
    if PREDICTION in schema.names:  # a file that was scored before
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
