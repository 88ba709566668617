"""Splitting by time, and errors against ones computed by hand."""

import numpy as np
import pandas as pd
import pytest
from taxi.errors import UnusableParameterError
from taxi.metrics import prediction_errors, split_by_time


@pytest.mark.parametrize("share", [-0.1, 0.0, 1.0, 7.0])
def test_share_that_leaves_nothing_to_train_on_or_to_test_with_is_refused(share):
    trips = pd.DataFrame({"trip_distance": np.arange(100.0)})
    with pytest.raises(UnusableParameterError, match="between 0 and 1"):
        split_by_time(trips, share)


def test_errors_are_those_of_the_textbook():
    errors = prediction_errors(pd.Series([100.0, 200.0, 300.0]), np.array([110.0, 180.0, 330.0]))
    assert errors == pytest.approx(
        {"mae_seconds": 20.0, "rmse_seconds": 1400**0.5 / 3**0.5, "r2": 1 - 1400 / 20000}
    )
