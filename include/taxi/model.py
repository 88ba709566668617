"""Models of a trip's duration; each takes the features as they are and encodes them in its own pipeline."""

import os
from typing import TYPE_CHECKING, Any

# Waiting threads sleep. By default they spin, and when several steps share a machine, they take the processor
# from the threads that they wait for: minutes instead of seconds. Read when scikit-learn is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, TargetEncoder

from taxi.features import FEATURE_NAMES, TARGET

if TYPE_CHECKING:
    import pandas as pd

LOCATIONS = ["pickup_location_id", "dropoff_location_id", "location_pair"]
NUMBERS = ["trip_distance", "hour_of_day", "day_of_week"]


class PaceRegressor(RegressorMixin, BaseEstimator):
    """Predict the pace, in seconds per mile, and multiply it by the distance.

    Pace depends on place and time but hardly on distance, so it takes fewer trips to learn. Half a mile is
    added to each distance: every trip starts and ends slowly, and without it the pace of trips of a few
    yards would be unbounded. Trips are weighted by their distance, because the error of a duration grows
    with it.

    Args:
        regressor: a Pipeline that is fitted to the pace; its last step, named `pace`, must accept weights.
    """

    ADDED_MILES = 0.5

    def __init__(self, regressor: Pipeline) -> None:
        self.regressor = regressor

    def fit(self, trips: "pd.DataFrame", seconds: "pd.Series") -> "PaceRegressor":
        """Fit to trips (needs trip_distance, in miles) and their durations."""
        miles = self._miles(trips)
        self.regressor_ = clone(self.regressor).fit(trips, seconds / miles, pace__sample_weight=miles)
        return self

    def predict(self, trips: "pd.DataFrame") -> np.ndarray:
        """Predict durations in seconds."""
        return self.regressor_.predict(trips) * self._miles(trips)

    def _miles(self, trips: "pd.DataFrame") -> np.ndarray:
        return trips["trip_distance"].to_numpy(dtype="float64") + self.ADDED_MILES


def with_location_pair(trips: "pd.DataFrame") -> "pd.DataFrame":
    """Return the feature columns, and one number for each pair of pickup and dropoff location."""
    trips = trips[FEATURE_NAMES]
    pair = trips["pickup_location_id"].astype("int64") * 1_000_000 + trips["dropoff_location_id"]
    return trips.assign(location_pair=pair)


def train(name: str, trips: "pd.DataFrame", seed: int) -> Pipeline:
    """Train the candidate with this name (see `candidate_models`) on trips with their durations."""
    return candidate_models(seed)[name].fit(trips, trips[TARGET])


def candidate_models(seed: int) -> dict[str, Pipeline]:
    """Return the unfitted models that training chooses from, by name."""
    return {
        "linear": _duration(Pipeline([("encode", _encoder(seed)), ("seconds", LinearRegression())])),
        "boosted_seconds": _duration(Pipeline([("encode", _encoder(seed)), ("seconds", _trees(seed))])),
        "boosted_pace": _duration(
            PaceRegressor(Pipeline([("encode", _encoder(seed)), ("pace", _trees(seed))]))
        ),
    }


def predict_seconds(model: Pipeline, trips: "pd.DataFrame") -> np.ndarray:
    """Predict durations in seconds, never negative ones, which a linear model would."""
    return np.maximum(model.predict(trips), 0.0)


def _duration(regressor: Any) -> Pipeline:
    return Pipeline([("features", FunctionTransformer(with_location_pair)), ("duration", regressor)])


def _encoder(seed: int) -> ColumnTransformer:
    # One number per location instead of one column: a location unknown in training gets the overall mean.
    by_location = TargetEncoder(target_type="continuous", cv=KFold(5, shuffle=True, random_state=seed))
    return ColumnTransformer([("locations", by_location, LOCATIONS), ("numbers", "passthrough", NUMBERS)])


def _trees(seed: int) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        learning_rate=0.05,
        max_iter=500,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=True,
        random_state=seed,
    )
