"""How well durations are predicted: splitting by time, errors, and the naive baseline."""

from typing import TYPE_CHECKING

import numpy as np

from taxi.errors import UnusableParameterError

if TYPE_CHECKING:
    import pandas as pd


def split_by_time(trips: "pd.DataFrame", last_share: float) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Split trips by time: a model must be tested on later trips than those it was trained on.

    Args:
        trips: one per row, in order of pickup.
        last_share: the share of trips in the second part, between 0 and 1.

    Returns:
        The earlier trips and the later trips, neither empty.

    Raises:
        UnusableParameterError: the share would leave one part without trips.
    """
    earlier = round(len(trips) * (1 - last_share))
    if not 0 < earlier < len(trips):
        raise UnusableParameterError(
            f"A share of {last_share:g} leaves nothing to train on or nothing to test with: "
            "give a number between 0 and 1, such as 0.3."
        )
    return trips.iloc[:earlier], trips.iloc[earlier:]


def prediction_errors(actual_seconds: "pd.Series", predicted_seconds: np.ndarray) -> dict[str, float]:
    """Return `mae_seconds` and `rmse_seconds` (0 is perfect) and `r2` (1 is perfect, 0 explains nothing)."""
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    return {
        "mae_seconds": float(mean_absolute_error(actual_seconds, predicted_seconds)),
        "rmse_seconds": float(root_mean_squared_error(actual_seconds, predicted_seconds)),
        "r2": float(r2_score(actual_seconds, predicted_seconds)),
    }


def naive_prediction(known_seconds: "pd.Series", trips: int) -> np.ndarray:
    """Predict the mean duration of the known trips for each of `trips` trips."""
    return np.full(trips, known_seconds.mean())
