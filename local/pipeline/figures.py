"""What a finished pipeline run has made, read back from Airflow, S3 and Metaflow."""

import logging
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet
from pyarrow.fs import S3FileSystem

from local.pipeline.airflow_api import AirflowApi
from local.pipeline.flows import DATA_DAG, PREDICT, TRAIN
from local.stack.credentials import load_credentials
from local.stack.settings import HOST, Settings

PUBLISHING_TASK = "publish_features"


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one pipeline run.

    `trips` is what the publishing task returned; `metrics`, `baseline` and `previous` are dicts with
    mae_seconds, rmse_seconds and r2 (`previous` is None for the first model); `drift` holds a dict per
    feature with name, kind, psi and verdict.
    """

    trips: dict[str, Any]
    feature_rows: int
    train_rows: int
    test_rows: int
    metrics: dict[str, float]
    baseline: dict[str, float]
    previous: dict[str, float] | None
    drift: list[dict[str, Any]]
    predictions: str
    prediction_rows: int


def read_figures(api: AirflowApi, settings: Settings, run_ids: dict[str, str]) -> Figures:
    """Read the figures of the DAG runs with these ids (by DAG id).

    The stack's variables must be in this process's environment before: Metaflow reads them when imported.
    """
    trips = api.xcom(DATA_DAG, run_ids[DATA_DAG], PUBLISHING_TASK)
    training = _metaflow_run(api, TRAIN.dag_id, run_ids[TRAIN.dag_id])
    prediction = _metaflow_run(api, PREDICT.dag_id, run_ids[PREDICT.dag_id]).data
    model = training.data
    return Figures(
        trips=trips,
        feature_rows=_rows(settings, trips["features"]),
        train_rows=model.train_rows,
        test_rows=model.test_rows,
        metrics=model.metrics,
        baseline=model.baseline_metrics,
        previous=_previous_metrics(training),
        drift=prediction.drift,
        predictions=prediction.predictions_path,
        prediction_rows=prediction.prediction_rows,
    )


def _metaflow_run(api: AirflowApi, dag_id: str, run_id: str) -> Any:
    """Return the Metaflow run that a DAG run was."""
    from metaflow import Run, namespace
    from metaflow_airflow.operators.flow import metaflow_run_id

    logging.getLogger("botocore").setLevel(logging.WARNING)  # Airflow, imported just now, shows its chatter
    namespace(None)
    return Run(f"{dag_id}/{metaflow_run_id(dag_id, run_id, api.dag_run(dag_id, run_id).run_after)}")


def _previous_metrics(training: Any) -> dict[str, float] | None:
    """Return the metrics of the latest successful training before this one."""
    earlier = (run for run in training.parent.runs() if run.created_at < training.created_at)
    previous = max((run for run in earlier if run.successful), key=lambda run: run.created_at, default=None)
    return previous.data.metrics if previous else None


def _rows(settings: Settings, address: str) -> int:
    """Return the number of rows of a Parquet file in the stack's S3."""
    credentials = load_credentials(settings.state)
    storage = S3FileSystem(
        access_key=credentials.s3_access_key,
        secret_key=credentials.s3_secret_key,
        endpoint_override=f"{HOST}:{settings.s3_port}",
        scheme="http",
    )
    with storage.open_input_file(address.removeprefix("s3://")) as file:
        return pyarrow.parquet.ParquetFile(file).metadata.num_rows
