"""Predicts taxi trip durations with the latest model: `python include/predict_taxi_flow.py run`."""

# Type checkers do not see through Metaflow's decorators, nor know the types of parameters and artifacts.
# mypy: disable-error-code="attr-defined, arg-type, union-attr"

from metaflow import FlowSpec, Parameter, resources, retry, step, timeout

TRAINING_FLOW = "TrainTripDurationFlow"


class PredictTripDurationFlow(FlowSpec):
    """Predict how long taxi trips take, with the latest model, and measure how far the trips have drifted.

    The model is that of the latest successful run of TrainTripDurationFlow; on Airflow, of its DAG. Drift is
    the population stability index of each feature and of the predictions, compared with the training trips:
    below 0.1 stable, from 0.25 major.

        start ── score ── measure_drift ── end

    The predictions file contains the features and predicted_duration_seconds; it is replaced in one step.
    """

    features = Parameter(
        "features",
        type=str,
        default="s3://taxi-data/taxi_features.parquet",
        help="Features file (Parquet) to predict for: an s3:// address or a local path.",
    )
    predictions = Parameter(
        "predictions",
        type=str,
        default="s3://taxi-data/taxi_predictions.parquet",
        help="Where to write the predictions (Parquet): an s3:// address or a local path.",
    )

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=5)
    @step
    def start(self) -> None:
        """Load the model of the latest successful training run."""
        from taxi.errors import mistakes_end_the_run
        from taxi.features import PREDICTION
        from taxi.training import description, latest_training_run

        with mistakes_end_the_run():
            run = latest_training_run(TRAINING_FLOW)
        print(f"The model is that of {description(run)}.")
        self.training_run = run.pathspec
        self.model = run.data.model
        self.feature_names = run.data.feature_names
        self.distributions = {**run.data.feature_distributions, PREDICTION: run.data.prediction_distribution}
        self.next(self.score)

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=60)
    @resources(cpu=1, memory=2048)
    @step
    def score(self) -> None:
        """Check that the features fit the model, and write the predictions."""
        from taxi.errors import mistakes_end_the_run
        from taxi.features import open_features
        from taxi.scoring import score_file
        from taxi.storage import local_copy, new_file

        with mistakes_end_the_run(), local_copy(self.features) as path, new_file(self.predictions) as target:
            file = open_features(path, self.features, self.feature_names)
            self.counts = score_file(self.model, file, self.features, target, self.distributions)
            self.prediction_rows = file.metadata.num_rows
        self.predictions_path = self.predictions
        self.next(self.measure_drift)

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=5)
    @step
    def measure_drift(self) -> None:
        """Compare features and predictions with those of the training trips."""
        from taxi.drift import drift
        from taxi.features import PREDICTION

        self.drift = [
            drift(name, "prediction" if name == PREDICTION else "data", training, self.counts[name])
            for name, training in self.distributions.items()
        ]
        self.next(self.end)

    @retry(times=2, minutes_between_retries=0)
    @step
    def end(self) -> None:
        """Report where the predictions are, and the drift."""
        from taxi.reports import drift_report

        self.report = drift_report(self.drift, self.predictions_path, self.prediction_rows)
        print(f"{self.prediction_rows:,} predictions of {self.training_run} in {self.predictions_path}")
        for each in self.drift:
            print(f"{each['kind']} drift of {each['name']}: {each['psi']:.3f}, {each['verdict']}")


if __name__ == "__main__":
    PredictTripDurationFlow()
