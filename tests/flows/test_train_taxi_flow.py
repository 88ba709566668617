"""The training flow, run as a person would, on Metaflow's local datastore."""

import shutil

from taxi.features import FEATURE_NAMES

from tests.support.flow_home import FlowHome, assert_user_error


def report_of(home, run):
    """Return the report of a training run that has succeeded."""
    assert run.returncode == 0, run.stdout + run.stderr
    return home.artifacts("TrainTripDurationFlow", "report")["report"]


def test_training_keeps_its_model_figures_and_distributions(trained, features, promised):
    home, _ = trained
    names = ["metrics", "baseline_metrics", "model_name", "candidates", "train_rows", "test_rows"]
    kept = home.artifacts("TrainTripDurationFlow", *names, "feature_names", "feature_distributions")
    assert kept["metrics"]["mae_seconds"] <= promised["mae_seconds"]
    assert kept["metrics"]["r2"] >= promised["r2"]
    assert kept["baseline_metrics"]["r2"] <= 0.01  # a constant explains nothing
    assert kept["model_name"] == kept["candidates"][0]["name"] == "boosted_pace"
    assert len(kept["candidates"]) == 3
    assert kept["train_rows"] + kept["test_rows"] == len(features)
    assert kept["feature_names"] == list(kept["feature_distributions"]) == FEATURE_NAMES
    for distribution in kept["feature_distributions"].values():
        assert sum(distribution["counts"]) == kept["train_rows"]


def test_training_on_a_file_that_is_not_there_says_where_to_get_it(flow_home):
    run = flow_home.run("train_taxi_flow.py", "--features", "nowhere.parquet")
    assert_user_error(run, "There is no file nowhere.parquet: run the DAG data_engineering_dag")


def test_report_says_whether_the_previous_model_was_tested_on_the_same_trips(
    trained, features, write, tmp_path
):
    before, _ = trained
    home = FlowHome(shutil.copytree(before.path, tmp_path / "home"))
    some = write(features.sort_values("pickup_datetime").head(500))
    on_other_trips = home.run("train_taxi_flow.py", "--features", str(some))
    assert "| naive baseline | previous run, on other trips |" in report_of(home, on_other_trips)
    repeated = home.resume("train_taxi_flow.py", "end")
    assert "| naive baseline | previous run |" in report_of(home, repeated)
