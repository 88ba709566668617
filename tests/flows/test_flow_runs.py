"""Both flows, run for real as a person would, on Metaflow's local datastore."""

import pandas as pd
import pytest
from taxi.features import FEATURE_NAMES, PREDICTION, TARGET

from tests.flows.flow_home import FlowHome

TRAIN, PREDICT = "train_taxi_flow.py", "predict_taxi_flow.py"


@pytest.fixture(scope="module")
def trained(tmp_path_factory, features):
    """Metaflow with one training run, by somebody, on the real trips."""
    home = FlowHome(tmp_path_factory.mktemp("home"))
    file = home.path / "features.parquet"
    features.to_parquet(file, index=False)
    run = home.run(TRAIN, "--features", str(file), user="somebody")
    assert run.returncode == 0, run.stdout + run.stderr
    return home, file


def test_training_keeps_its_model_figures_and_distributions(trained, features):
    home, _ = trained
    names = ["metrics", "baseline_metrics", "model_name", "candidates", "train_rows", "test_rows"]
    kept = home.artifacts("TrainTripDurationFlow", *names, "feature_names", "feature_distributions")
    assert kept["metrics"]["mae_seconds"] <= 180
    assert kept["metrics"]["r2"] >= 0.78
    assert kept["baseline_metrics"]["r2"] <= 0.01  # a constant explains nothing
    assert kept["model_name"] == kept["candidates"][0]["name"] == "boosted_pace"
    assert len(kept["candidates"]) == 3
    assert kept["train_rows"] + kept["test_rows"] == len(features)
    assert kept["feature_names"] == list(kept["feature_distributions"]) == FEATURE_NAMES
    for distribution in kept["feature_distributions"].values():
        assert sum(distribution["counts"]) == kept["train_rows"]


def test_predictions_are_written_with_the_features_and_without_drift(trained, features, tmp_path):
    """By another user than the one who trained, as on Airflow."""
    home, file = trained
    target = tmp_path / "it's a file.parquet"
    run = home.run(PREDICT, "--features", str(file), "--predictions", str(target), user="airflow")
    assert run.returncode == 0, run.stdout + run.stderr
    written = pd.read_parquet(target)
    pd.testing.assert_frame_equal(written.drop(columns=PREDICTION), features.reset_index(drop=True))
    assert (written[PREDICTION] - written[TARGET]).abs().mean() < 180
    kept = home.artifacts(
        "PredictTripDurationFlow", "drift", "predictions_path", "prediction_rows", "training_run"
    )
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
    run = home.run(PREDICT, "--features", str(write(night)), "--predictions", str(target))
    assert run.returncode == 0, run.stdout + run.stderr
    verdicts = {
        each["name"]: each["verdict"] for each in home.artifacts("PredictTripDurationFlow", "drift")["drift"]
    }
    assert verdicts["hour_of_day"] == "major"
    assert verdicts["trip_distance"] == "stable"


def test_predicting_before_training_says_how_to_train(flow_home, features, write):
    run = flow_home.run(PREDICT, "--features", str(write(features)), "--predictions", "p.parquet")
    assert_mistake(
        run, "There is no successful run of TrainTripDurationFlow yet: run `python include/train_taxi_flow"
    )


def test_file_without_a_feature_of_the_model_is_refused_and_nothing_is_written(
    trained, features, write, tmp_path
):
    home, _ = trained
    target = tmp_path / "p.parquet"
    file = write(features.drop(columns="trip_distance"))
    run = home.run(PREDICT, "--features", str(file), "--predictions", str(target))
    assert_mistake(run, f"{file} has no column trip_distance")
    assert not target.exists()


def test_training_on_a_file_that_is_not_there_says_where_to_get_it(flow_home):
    run = flow_home.run(TRAIN, "--features", "nowhere.parquet")
    assert_mistake(run, "There is no file nowhere.parquet: run the DAG data_engineering_dag")


def assert_mistake(run, message):
    """The message once, in one line, and no second attempt."""
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "Traceback" not in output
    assert output.count(message) == 1
    assert output.count("Task is starting") == run.stdout.count("Task finished successfully") + 1
