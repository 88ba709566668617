"""The models: what they promise, and what they must not depend on."""

import numpy as np
import pandas as pd
import pytest
from taxi.features import FEATURE_NAMES, TARGET, read_training_trips
from taxi.metrics import naive_prediction, prediction_errors, split_by_time
from taxi.model import candidate_models, predict_seconds, train


@pytest.fixture(scope="module")
def some_trips(features):
    return features.sort_values("pickup_datetime").tail(3000)


def test_best_model_reaches_the_promised_figures_on_later_trips(features, promised, write):
    known, later = split_by_time(read_training_trips(write(features), "features"), 1 / 3)
    assert len(later) >= len(features) // 3
    assert known["pickup_datetime"].max() <= later["pickup_datetime"].min()
    errors = prediction_errors(later[TARGET], predict_seconds(train("boosted_pace", known, seed=0), later))
    naive = prediction_errors(later[TARGET], naive_prediction(known[TARGET], len(later)))
    assert errors["mae_seconds"] <= promised["mae_seconds"]
    assert errors["r2"] >= promised["r2"]
    assert errors["mae_seconds"] < naive["mae_seconds"] / 2


@pytest.mark.parametrize("name", candidate_models(seed=0))
def test_unknown_locations_get_a_sensible_prediction(name, some_trips):
    model = train(name, some_trips[some_trips["pickup_location_id"] < 200], seed=0)
    unseen = some_trips[some_trips["pickup_location_id"] >= 200].assign(dropoff_location_id=99_999)
    predicted = predict_seconds(model, unseen)
    assert np.isfinite(predicted).all()
    assert 0.5 < predicted.mean() / unseen[TARGET].mean() < 2


@pytest.mark.parametrize("name", candidate_models(seed=0))
def test_same_trips_and_seed_give_the_same_model(name, some_trips):
    first, second = (predict_seconds(train(name, some_trips, seed=7), some_trips) for _ in range(2))
    assert (first == second).all()


def test_order_of_the_rows_in_the_file_does_not_matter(some_trips, write):
    files = [write(some_trips, "a.parquet"), write(some_trips.sample(frac=1, random_state=1), "b.parquet")]
    first, second = (read_training_trips(path, "features") for path in files)
    pd.testing.assert_frame_equal(first, second)


def test_columns_that_are_known_only_after_the_trip_are_not_used(good_trips, write):
    """Fares and the dropoff time would reveal the duration."""
    trips = good_trips.head(3000)
    plain = trips[["pickup_datetime", *FEATURE_NAMES, TARGET]]
    predictions = []
    for frame in (plain, trips):
        known = read_training_trips(write(frame), "features")
        predictions.append(predict_seconds(train("boosted_pace", known, seed=0), frame))
    assert "fare_amount" in trips
    assert (predictions[0] == predictions[1]).all()


def test_durations_are_not_used_for_predicting(some_trips):
    model = train("boosted_pace", some_trips, seed=0)
    predicted = predict_seconds(model, some_trips)
    assert (predict_seconds(model, some_trips.assign(trip_duration_seconds=1.0)) == predicted).all()
    assert (predict_seconds(model, some_trips[FEATURE_NAMES]) == predicted).all()


def test_predictions_are_never_negative(some_trips):
    model = train("linear", some_trips, seed=0)
    extreme = some_trips.assign(trip_distance=-1000.0)
    assert (model.predict(extreme) < 0).any()
    assert (predict_seconds(model, extreme) >= 0).all()
