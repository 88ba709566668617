"""The runs of a training flow: the latest model, and its metrics."""

from typing import TYPE_CHECKING

from taxi.errors import NoTrainedModelError

if TYPE_CHECKING:
    from metaflow import Run


def latest_training_run(flow: str) -> "Run":
    """Return the latest successful run of a training flow, whether a person or Airflow started it.

    Raises:
        NoTrainedModelError: there is none.
    """
    from metaflow import Flow, namespace
    from metaflow.exception import MetaflowNotFound

    # Runs that a person starts are in the namespace of that user, runs in Airflow in that of the DAG. Without
    # this, a person would not find the models that Airflow has trained, and the other way around.
    namespace(None)
    try:
        run = Flow(flow).latest_successful_run
    except MetaflowNotFound:
        run = None
    if run is None:
        raise NoTrainedModelError(
            f"There is no successful run of {flow} yet: run that flow, or trigger its DAG in Airflow."
        )
    return run


def latest_metrics(flow: str) -> tuple[dict[str, float], str] | None:
    """Return the metrics of a training flow's latest model, and the digest of the trips that they are of.

    None if there is no model yet; the digest is empty if the run did not keep one.
    """
    try:
        data = latest_training_run(flow).data
    except NoTrainedModelError:
        return None
    return data.metrics, getattr(data, "test_trips_digest", "")  # type: ignore[union-attr]  # it has data
