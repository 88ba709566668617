"""Waiting until Airflow serves the DAGs of the pipeline."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.errors import StackError
from local.pipeline.airflow_api import AirflowApi
from local.pipeline.flows import compiled_dags
from local.stack.settings import Settings

PIPELINE_DAG = "data_engineering_dag"  # the DAG that `make run` triggers; it triggers those of the flows
TIME_TO_BE_SERVED = timedelta(seconds=120)


def wait_until_served(api: AirflowApi, settings: Settings) -> None:
    """Return once Airflow serves the current version of the pipeline's DAG and of every compiled one.

    Raises:
        StackError: a file cannot be imported, or has not been read after `TIME_TO_BE_SERVED`.
    """
    begin = datetime.now(UTC)
    waiting = {PIPELINE_DAG: settings.dags_folder / f"{PIPELINE_DAG}.py", **compiled_dags(settings)}
    while True:
        waiting = {dag_id: file for dag_id, file in waiting.items() if not _is_current(api, dag_id, file)}
        if not waiting:
            return
        _require_no_import_errors(api, set(waiting.values()), begin)
        if datetime.now(UTC) - begin > TIME_TO_BE_SERVED:
            raise StackError(
                f"Airflow has not read {', '.join(map(str, waiting.values()))} within {TIME_TO_BE_SERVED}: "
                f"see {settings.logs / 'dag-processor.log'}, or run `make stop` and try again."
            )
        time.sleep(0.5)


def _is_current(api: AirflowApi, dag_id: str, file: Path) -> bool:
    return api.is_served(dag_id) and api.source(dag_id) == file.read_text()


def _require_no_import_errors(api: AirflowApi, files: set[Path], since: datetime) -> None:
    names = {file.name: file for file in files}
    for error in api.import_errors():
        file = names.get(Path(error.filename or "").name)
        # An older error may have been fixed since, in the file or in a module that it imports.
        if file and error.timestamp and error.timestamp > since:
            reason = (error.stack_trace or "").strip().splitlines()[-1]
            raise StackError(f"Airflow cannot import {file}: {reason}")
