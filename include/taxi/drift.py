"""Drift: how far the trips that are scored differ from those that the model learned from.

The measure is the population stability index (PSI) over buckets fixed at training time:
sum over buckets of (actual share - expected share) * ln(actual share / expected share).

Verdicts follow the usual rule of thumb: below 0.1 stable, from 0.25 on a major shift, moderate between
(N. Siddiqi, Credit Risk Scorecards, Wiley 2006; B. Yurdakul, Statistical Properties of Population
Stability Index, Western Michigan University 2018, https://scholarworks.wmich.edu/dissertations/3208).
The rule is for hundreds of trips and more: chance alone moves a few dozen above 0.1.

A distribution is a plain dict, so that its artifact can be read without this code:
`{"buckets": "ranges", "edges": [...], "counts": [...]}`: counts[i] are values from edges[i-1] up to, not
including, edges[i]; the first and last range have no end. Or `{"buckets": "values", "values": [...],
"counts": [...]}`: one count a value, and one more at the end for all other values.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

Distribution = dict[str, Any]

MODERATE_PSI = 0.1
MAJOR_PSI = 0.25
RANGES = 10
# A value with fewer trips goes into the bucket of other values: its share would be mostly chance.
SMALLEST_SHARE = 0.01
# Stands for an empty bucket, whose logarithm would be infinite.
EMPTY_SHARE = 0.0001


def distribution_of_numbers(values: "np.ndarray | pd.Series") -> Distribution:
    """Describe numbers by ten ranges with about as many of them each."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, RANGES + 1)[1:-1])).tolist()
    distribution: Distribution = {"buckets": "ranges", "edges": edges}
    return distribution | {"counts": count(distribution, values).tolist()}


def distribution_of_categories(values: "np.ndarray | pd.Series") -> Distribution:
    """Describe categories by how often each one occurs that makes up a hundredth or more."""
    categories, counts = np.unique(values, return_counts=True)
    frequent = categories[counts >= SMALLEST_SHARE * len(values)].tolist()
    distribution: Distribution = {"buckets": "values", "values": frequent}
    return distribution | {"counts": count(distribution, values).tolist()}


def count(distribution: Distribution, values: "np.ndarray | pd.Series") -> np.ndarray:
    """Count values by the buckets of a distribution; counts of parts add up to that of the whole."""
    array = np.asarray(values)
    if distribution["buckets"] == "ranges":
        edges = distribution["edges"]
        return np.bincount(np.searchsorted(edges, array, side="right"), minlength=len(edges) + 1)
    known = np.asarray(distribution["values"])
    if not len(known):
        return np.array([len(array)])
    place = np.minimum(np.searchsorted(known, array), len(known) - 1)
    bucket = np.where(known[place] == array, place, len(known))
    return np.bincount(bucket, minlength=len(known) + 1)


def population_stability_index(expected: Sequence[int], actual: Sequence[int]) -> float:
    """Compare counts over the same buckets: 0 for equal shares, without upper bound."""
    expected_share = np.maximum(np.asarray(expected) / np.sum(expected), EMPTY_SHARE)
    actual_share = np.maximum(np.asarray(actual) / np.sum(actual), EMPTY_SHARE)
    return float(np.sum((actual_share - expected_share) * np.log(actual_share / expected_share)))


def verdict(psi: float) -> str:
    """Say `stable`, `moderate` or `major`."""
    if psi < MODERATE_PSI:
        return "stable"
    return "moderate" if psi < MAJOR_PSI else "major"


def drift(name: str, kind: str, training: Distribution, counts: Sequence[int]) -> dict[str, str | float]:
    """Compare what was scored with training.

    Args:
        name: of the feature, or of the prediction.
        kind: `data` or `prediction`.
        training: the distribution at training time.
        counts: of what was scored, by the buckets of that distribution.

    Returns:
        `name`, `kind`, `psi` and `verdict`.
    """
    psi = population_stability_index(training["counts"], counts)
    return {"name": name, "kind": kind, "psi": psi, "verdict": verdict(psi)}
