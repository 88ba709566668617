"""Drift, compared with values calculated by hand."""

import numpy as np
import pytest
from taxi.drift import (
    count,
    distribution_of_categories,
    distribution_of_numbers,
    drift,
    population_stability_index,
    verdict,
)


@pytest.mark.parametrize(
    ("expected", "actual", "psi"),
    [
        ([50, 50], [500, 500], 0.0),
        ([50, 50], [75, 25], 0.274653),  # 0.25 ln 1.5 - 0.25 ln 0.5
        ([20, 30, 50], [300, 300, 400], 0.062861),  # 0.1 ln 1.5 - 0.1 ln 0.8
        ([100, 0], [50, 50], 4.604319),  # -0.5 ln 0.5 + 0.4999 ln 5000: an empty bucket counts as 0.0001
    ],
)
def test_psi_is_the_sum_over_buckets_of_share_differences_times_their_log_ratio(expected, actual, psi):
    assert population_stability_index(expected, actual) == pytest.approx(psi, abs=1e-6)


@pytest.mark.parametrize(
    ("psi", "expected"),
    [(0.0, "stable"), (0.0999, "stable"), (0.1, "moderate"), (0.25, "major"), (3.0, "major")],
)
def test_verdict_changes_at_0_1_and_0_25(psi, expected):
    assert verdict(psi) == expected


def test_numbers_are_counted_in_ranges_of_equal_counts_with_open_ends():
    distribution = distribution_of_numbers(np.arange(100.0))
    assert distribution["counts"] == [10] * 10
    assert count(distribution, np.array([-1e9, 9.89, 9.9, 1e9])).tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_numbers_that_are_all_equal_still_have_a_distribution():
    distribution = distribution_of_numbers(np.full(50, 3.0))
    assert sum(distribution["counts"]) == 50
    assert drift("x", "data", distribution, count(distribution, np.full(9, 3.0)))["verdict"] == "stable"
    assert drift("x", "data", distribution, count(distribution, np.full(9, 2.0)))["verdict"] == "major"


def test_rare_and_unseen_categories_share_the_last_bucket():
    distribution = distribution_of_categories(np.array([7] * 120 + [3] * 79 + [5]))
    assert distribution == {"buckets": "values", "values": [3, 7], "counts": [79, 120, 1]}
    assert count(distribution, np.array([7, 3, 5, 1, 99])).tolist() == [1, 1, 3]


def test_categories_that_are_all_rare_share_one_bucket():
    distribution = distribution_of_categories(np.arange(1000))
    assert distribution["counts"] == [1000]
    assert count(distribution, np.array([1, 2])).tolist() == [2]


def test_counts_of_parts_add_up_to_those_of_the_whole(features):
    for values, distribution in [
        (features["trip_distance"], distribution_of_numbers(features["trip_distance"])),
        (features["pickup_location_id"], distribution_of_categories(features["pickup_location_id"])),
    ]:
        parts = count(distribution, values[:7000]) + count(distribution, values[7000:])
        assert parts.tolist() == distribution["counts"]


def test_trips_at_other_hours_and_of_other_lengths_drift_and_the_same_trips_do_not(features):
    hours = distribution_of_categories(features["hour_of_day"])
    miles = distribution_of_numbers(features["trip_distance"])
    assert drift("hour_of_day", "data", hours, hours["counts"])["psi"] == 0
    night = features[features["hour_of_day"] < 6]
    assert drift("hour_of_day", "data", hours, count(hours, night["hour_of_day"]))["verdict"] == "major"
    longer = count(miles, features["trip_distance"] * 1.5)
    assert drift("trip_distance", "data", miles, longer)["verdict"] == "moderate"
