"""The runs of the training flow, as the prediction flow finds them."""

from typing import TYPE_CHECKING

from taxi.errors import NoTrainedModelError

if TYPE_CHECKING:
    from metaflow import Run

TRAINING_FLOW = "TrainTripDurationFlow"


def latest_training_run() -> "Run":
    """Give the latest successful run of the training flow, by whomever and wherever it was started.

    Raises:
        NoTrainedModelError: there is none.
    """
    from metaflow import Flow, namespace
    from metaflow.exception import MetaflowNotFound

    # Runs by hand are in the namespace of their user, runs of Airflow in that of Airflow: without this, a
    # person would not find the models that Airflow trained, nor Airflow theirs.
    namespace(None)
    try:
        run = Flow(TRAINING_FLOW).latest_successful_run
    except MetaflowNotFound:
        run = None
    if run is None:
        raise NoTrainedModelError(
            f"There is no successful run of {TRAINING_FLOW} yet: "
            "run `python include/train_taxi_flow.py run`, or trigger its DAG in Airflow."
        )
    return run


def previous_metrics() -> dict[str, float] | None:
    """Return the figures of the latest model, None before the first successful training run."""
    try:
        run = latest_training_run()
    except NoTrainedModelError:
        return None
    metrics: dict[str, float] = run.data.metrics  # type: ignore[union-attr]  # a successful run has data
    return metrics
