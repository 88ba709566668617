"""The runs of a training flow: the latest model, and its metrics."""

from typing import TYPE_CHECKING

from taxi.errors import NoTrainedModelError
from taxi.runtime import is_on_airflow

if TYPE_CHECKING:
    from metaflow import Run


def latest_training_run(flow: str) -> "Run":
    """Return the latest successful run of a training flow; its artifacts are code that loading executes.

    On Airflow, only runs of the flow's own DAG count. By hand, those of every person count, too: the caller
    says whose it takes, see `description`.

    Raises:
        NoTrainedModelError: there is none.
    """
    from metaflow import Flow, namespace
    from metaflow.exception import MetaflowNotFound

    # Runs that a person starts are in the namespace of that user, runs in Airflow in that of the DAG. Without
    # this, a person would not find the models that Airflow has trained, and one DAG not those of another.
    namespace(None)
    try:
        for run in Flow(flow).runs():
            if run.successful and (not is_on_airflow() or _is_of_dag(run, flow)):
                return run
    except MetaflowNotFound:
        pass
    if is_on_airflow():
        raise NoTrainedModelError(f"There is no successful run of the DAG {flow} yet: trigger it in Airflow.")
    raise NoTrainedModelError(
        f"There is no successful run of {flow} yet: run that flow, or trigger its DAG in Airflow."
    )


def latest_metrics(flow: str) -> tuple[dict[str, float], str] | None:
    """Return the metrics of a training flow's latest model, and the digest of the trips that they are of.

    None if there is no model yet; the digest is empty if the run did not keep one.
    """
    try:
        data = latest_training_run(flow).data
    except NoTrainedModelError:
        return None
    return data.metrics, getattr(data, "test_trips_digest", "")  # type: ignore[union-attr]  # it has data


def description(run: "Run") -> str:
    """Return a run's name and its namespace, which says whose it is: a user's or a deployment's."""
    spaces = sorted(tag for tag in run.system_tags if tag.startswith(("user:", "production:")))
    return f"{run.pathspec} in namespace {' and '.join(spaces)}"


def _is_of_dag(run: "Run", dag_id: str) -> bool:
    """Return whether a DAG made this run: by its id, by a tag and by metadata that the engine alone writes.

    Not by tags that a person can add to any run.
    """
    if not run.id.startswith("airflow-") or not any(tag.startswith("production:") for tag in run.system_tags):
        return False
    task = run["start"].task
    return task is not None and task.metadata_dict.get("airflow-dag-id") == dag_id
