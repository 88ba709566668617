"""Trains the model of taxi trip durations: `python include/train_taxi_flow.py run`."""

# Type checkers do not see through Metaflow's decorators, nor know the types of parameters and artifacts.
# mypy: disable-error-code="attr-defined, arg-type, union-attr"

from collections.abc import Iterable
from operator import itemgetter

from metaflow import FlowSpec, Parameter, current, resources, retry, step, timeout


class TrainTripDurationFlow(FlowSpec):
    """Train a model that predicts how long a taxi trip takes, from what is known at its pickup.

    The trips are split by time: the last third is held out for the test. Several candidates are trained on
    the rest, except its latest quarter; the one with the smallest error there is trained again on all of the
    rest, and tested beside a naive prediction, the mean duration.

        start ─┬─ fit_candidate (linear) ──────────┬─ choose ── evaluate ── end
               ├─ fit_candidate (boosted_seconds) ─┤
               └─ fit_candidate (boosted_pace) ────┘

    The model and its metrics are artifacts of the last step: model, metrics, baseline_metrics, and the
    distributions that PredictTripDurationFlow measures drift against.
    """

    features = Parameter(
        "features",
        type=str,
        default="s3://taxi-data/taxi_features.parquet",
        help="Features file (Parquet) to train on: an s3:// address or a local path.",
    )
    test_share = Parameter(
        "test_share",
        type=float,
        default=1 / 3,
        help="Share of the trips, the latest ones, to hold out for the test.",
    )
    seed = Parameter(
        "seed",
        type=int,
        default=0,
        help="Makes training reproducible: the same trips and seed give the same model.",
    )

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=15)
    @step
    def start(self) -> None:
        """Load the trips and hold out the latest for the test."""
        from taxi.errors import mistakes_end_the_run
        from taxi.features import FEATURE_NAMES, digest, read_training_trips
        from taxi.metrics import split_by_time
        from taxi.storage import local_copy

        with mistakes_end_the_run():
            with local_copy(self.features) as path:
                trips = read_training_trips(path, self.features)
            self.train_trips, self.test_trips = split_by_time(trips, self.test_share)
        self.test_trips_digest = digest(self.test_trips)
        self.train_rows, self.test_rows = len(self.train_trips), len(self.test_trips)
        self.feature_names = FEATURE_NAMES
        self.candidate_names = ["linear", "boosted_seconds", "boosted_pace"]
        self.next(self.fit_candidate, foreach="candidate_names")

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=60)
    @resources(cpu=1, memory=2048)
    @step
    def fit_candidate(self) -> None:
        """Train one candidate and evaluate it on the latest quarter of the training trips."""
        from taxi.features import TARGET
        from taxi.metrics import prediction_errors, split_by_time
        from taxi.model import predict_seconds, train

        earlier, later = split_by_time(self.train_trips, last_share=0.25)
        model = train(self.input, earlier, self.seed)
        errors = prediction_errors(later[TARGET], predict_seconds(model, later))
        self.candidate = {"name": self.input, **errors}
        self.next(self.choose)

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=60)
    @resources(cpu=1, memory=2048)
    @step
    def choose(self, inputs: Iterable["TrainTripDurationFlow"]) -> None:
        """Train the candidate with the smallest error on all training trips, and keep their distributions."""
        from taxi.drift import distribution_of_categories, distribution_of_numbers
        from taxi.features import CATEGORIES
        from taxi.model import predict_seconds, train

        self.merge_artifacts(inputs, exclude=["candidate"])
        self.candidates = sorted((branch.candidate for branch in inputs), key=itemgetter("mae_seconds"))
        self.model_name = self.candidates[0]["name"]
        trips = self.train_trips
        self.model = train(self.model_name, trips, self.seed)
        self.feature_distributions = {
            name: (distribution_of_categories if name in CATEGORIES else distribution_of_numbers)(trips[name])
            for name in self.feature_names
        }
        self.prediction_distribution = distribution_of_numbers(predict_seconds(self.model, trips))
        self.next(self.evaluate)

    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=15)
    @step
    def evaluate(self) -> None:
        """Evaluate the model and the naive prediction on the trips held out for the test."""
        from taxi.features import TARGET
        from taxi.metrics import naive_prediction, prediction_errors
        from taxi.model import predict_seconds

        actual = self.test_trips[TARGET]
        self.metrics = prediction_errors(actual, predict_seconds(self.model, self.test_trips))
        self.baseline_name = "mean duration of the training trips"
        self.baseline_metrics = prediction_errors(
            actual, naive_prediction(self.train_trips[TARGET], self.test_rows)
        )
        self.next(self.end)

    @retry(times=2, minutes_between_retries=0)
    @step
    def end(self) -> None:
        """Report the metrics, beside those of the previous model."""
        from taxi.reports import model_report
        from taxi.training import latest_metrics

        previous, digest = latest_metrics(current.flow_name) or (None, self.test_trips_digest)
        self.report = model_report(
            self.train_rows,
            self.test_rows,
            self.metrics,
            self.baseline_metrics,
            previous,
            is_comparable=digest == self.test_trips_digest,
        )
        for name, errors in [(self.model_name, self.metrics), (self.baseline_name, self.baseline_metrics)]:
            print(
                f"{name}: mean absolute error {errors['mae_seconds']:.0f} s, "
                f"R2 {errors['r2']:.3f} on {self.test_rows:,} trips"
            )


if __name__ == "__main__":
    TrainTripDurationFlow()
