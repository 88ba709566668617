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


def previous_metrics(flow: str) -> dict[str, float] | None:
    """Return the metrics of a training flow's latest model, None if there is none yet."""
    try:
        run = latest_training_run(flow)
    except NoTrainedModelError:
        return None
    metrics: dict[str, float] = run.data.metrics  # type: ignore[union-attr]  # a successful run has data
    return metrics
