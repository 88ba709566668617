"""Drift: how far the trips that are scored differ from those that the model was trained on.

The measure is the population stability index (PSI) over buckets fixed at training time:
sum over buckets of (actual share - expected share) * ln(actual share / expected share).

Verdicts follow the usual rule of thumb: below 0.1 stable, from 0.1 moderate, from 0.25 major
(N. Siddiqi, Credit Risk Scorecards, Wiley 2006; B. Yurdakul, Statistical Properties of Population
Stability Index, Western Michigan University 2018, https://scholarworks.wmich.edu/dissertations/3208).
The rule assumes hundreds of trips or more: with a few dozen, chance alone exceeds 0.1.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    Column: TypeAlias = np.ndarray | pd.Series

MODERATE_PSI = 0.1
MAJOR_PSI = 0.25
RANGES = 10
# A category with fewer trips is counted among the others: its share would be mostly chance.
SMALLEST_SHARE = 0.01
# Replaces the share of an empty bucket, whose logarithm would be infinite.
EMPTY_SHARE = 0.0001

Kind = Literal["data", "prediction"]
Verdict = Literal["stable", "moderate", "major"]


# Artifacts of the flows: as plain dicts, they can be read without this code.
class Ranges(TypedDict):
    """A distribution of numbers: one count per range.

    counts[i] is the number of values from edges[i-1] up to, but not including, edges[i]; the first and the
    last range are open.
    """

    buckets: Literal["ranges"]
    edges: list[float]
    counts: list[int]


class Categories(TypedDict):
    """A distribution of categories: one count per value, followed by one for all other values."""

    buckets: Literal["values"]
    values: list[int]
    counts: list[int]


Distribution = Ranges | Categories


class Drift(TypedDict):
    """How far one feature, or the prediction, has moved since training."""

    name: str
    kind: Kind
    psi: float
    verdict: Verdict


def distribution_of_numbers(values: "Column") -> Ranges:
    """Describe numbers by ten ranges that each hold about a tenth of them."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, RANGES + 1)[1:-1])).tolist()
    distribution = Ranges(buckets="ranges", edges=edges, counts=[])
    distribution["counts"] = count(distribution, values).tolist()
    return distribution


def distribution_of_categories(values: "Column") -> Categories:
    """Describe categories by the counts of those that make up at least one percent."""
    categories, counts = np.unique(values, return_counts=True)
    frequent = categories[counts >= SMALLEST_SHARE * len(values)].tolist()
    distribution = Categories(buckets="values", values=frequent, counts=[])
    distribution["counts"] = count(distribution, values).tolist()
    return distribution


def count(distribution: Distribution, values: "Column") -> np.ndarray:
    """Count values by the buckets of a distribution; the counts of parts add up to those of the whole."""
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


def verdict(psi: float) -> Verdict:
    """Classify a population stability index."""
    if psi < MODERATE_PSI:
        return "stable"
    return "moderate" if psi < MAJOR_PSI else "major"


def drift(name: str, kind: Kind, training: Distribution, counts: Sequence[int]) -> Drift:
    """Compare what was scored with the training trips.

    Args:
        name: of the feature, or of the prediction.
        kind: what that name is.
        training: the distribution at training time.
        counts: of what was scored, by the buckets of that distribution.
    """
    psi = population_stability_index(training["counts"], counts)
    return Drift(name=name, kind=kind, psi=psi, verdict=verdict(psi))
