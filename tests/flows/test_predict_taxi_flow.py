"""The prediction flow, run as a person would, on Metaflow's local datastore."""

import re

import pandas as pd
from taxi.features import FEATURE_NAMES, PREDICTION, TARGET

from tests.support.flow_home import assert_user_error

FLOW, FLOW_FILE = "PredictTripDurationFlow", "predict_taxi_flow.py"


def test_predictions_are_written_with_the_features_and_without_drift(trained, features, promised, tmp_path):
    """By another user than the one who trained."""
    home, file = trained
    target = tmp_path / "it's a file.parquet"
    run = home.run(FLOW_FILE, "--features", str(file), "--predictions", str(target))
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(
        r"The model is that of TrainTripDurationFlow/\d+ in namespace user:somebody\.", run.stdout
    )
    written = pd.read_parquet(target)
    pd.testing.assert_frame_equal(written.drop(columns=PREDICTION), features.reset_index(drop=True))
    assert (written[PREDICTION] - written[TARGET]).abs().mean() < promised["mae_seconds"]
    kept = home.artifacts(FLOW, "drift", "predictions_path", "prediction_rows", "training_run")
    assert kept["prediction_rows"] == len(features)
    assert kept["predictions_path"] == str(target)
    assert kept["training_run"].startswith("TrainTripDurationFlow/")
    assert {each["verdict"] for each in kept["drift"]} == {"stable"}
    names = [(each["name"], each["kind"]) for each in kept["drift"]]
    assert names == [*((name, "data") for name in FEATURE_NAMES), (PREDICTION, "prediction")]


def test_drift_is_noticed_where_it_is(trained, features, write, tmp_path):
    home, _ = trained
    night = features[features["hour_of_day"] < 5]
    target = tmp_path / "p.parquet"
    run = home.run(FLOW_FILE, "--features", str(write(night)), "--predictions", str(target))
    assert run.returncode == 0, run.stdout + run.stderr
    verdicts = {each["name"]: each["verdict"] for each in home.artifacts(FLOW, "drift")["drift"]}
    assert verdicts["hour_of_day"] == "major"
    assert verdicts["trip_distance"] == "stable"


def test_predicting_before_training_says_how_to_train(flow_home, features, write):
    run = flow_home.run(FLOW_FILE, "--features", str(write(features)), "--predictions", "p.parquet")
    assert_user_error(run, "There is no successful run of TrainTripDurationFlow yet: run that flow")


def test_on_airflow_only_models_that_its_own_dag_has_trained_are_loaded(trained):
    """Not that of a person, who has given the run all the tags of one on Airflow."""
    home, file = trained
    run = home.run(FLOW_FILE, "--features", str(file), METAFLOW_RUNTIME_NAME="airflow")
    assert_user_error(run, "There is no successful run of the DAG TrainTripDurationFlow yet: trigger it in")


def test_file_without_a_feature_of_the_model_is_refused_and_nothing_is_written(
    trained, features, write, tmp_path
):
    home, _ = trained
    target = tmp_path / "p.parquet"
    file = write(features.drop(columns="trip_distance"))
    run = home.run(FLOW_FILE, "--features", str(file), "--predictions", str(target))
    assert_user_error(run, f"{file} has no column trip_distance")
    assert not target.exists()
