"""The pipeline's three DAGs: compiling the two flows, and waiting until Airflow serves all of them."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.errors import StackError
from local.pipeline.airflow_api import AirflowApi
from local.stack.environment import process_environment
from local.stack.settings import REPOSITORY, Settings

TIME_TO_BE_SERVED = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A Metaflow flow (a file below the repository) and the file in the DAG folder it is compiled into."""

    dag_id: str
    source: str
    dag_file: str


DATA_DAG = "data_engineering_dag"
TRAIN = CompiledFlow("TrainTripDurationFlow", "include/train_taxi_flow.py", "train_taxi_dag.py")
PREDICT = CompiledFlow("PredictTripDurationFlow", "include/predict_taxi_flow.py", "predict_taxi_dag.py")


def compile_flows(settings: Settings) -> None:
    """Compile both flows into DAG files, side by side. Raises StackError with the compiler's words."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda flow: _compile(flow, settings), (TRAIN, PREDICT)))


def wait_until_served(api: AirflowApi, settings: Settings) -> None:
    """Return once Airflow has read the present version of all three DAG files.

    Raises StackError when a file cannot be imported, or is not read within `TIME_TO_BE_SERVED`.
    """
    begin = datetime.now(UTC)
    waiting = {flow.dag_id: settings.dags_folder / flow.dag_file for flow in (TRAIN, PREDICT)}
    waiting[DATA_DAG] = settings.dags_folder / f"{DATA_DAG}.py"
    while True:
        waiting = {dag_id: file for dag_id, file in waiting.items() if not _is_current(api, dag_id, file)}
        if not waiting:
            return
        _require_no_import_errors(api, set(waiting.values()), begin)
        if datetime.now(UTC) - begin > TIME_TO_BE_SERVED:
            raise StackError(
                f"Airflow has not read {', '.join(map(str, waiting.values()))} for {TIME_TO_BE_SERVED}: see "
                f"{settings.logs / 'dag-processor.log'}, or `make stop` and try again."
            )
        time.sleep(0.5)


def _compile(flow: CompiledFlow, settings: Settings) -> None:
    finished = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, flow.source, "airflow", "create", str(settings.dags_folder / flow.dag_file)],
        cwd=REPOSITORY,
        env=process_environment(settings),
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        words = (finished.stdout + finished.stderr).strip()
        raise StackError(f"{flow.source} could not be compiled into a DAG:\n{words}")


def _is_current(api: AirflowApi, dag_id: str, file: Path) -> bool:
    return api.is_served(dag_id) and api.source(dag_id) == file.read_text()


def _require_no_import_errors(api: AirflowApi, files: set[Path], since: datetime) -> None:
    names = {file.name: file for file in files}
    for error in api.import_errors():
        file = names.get(Path(error.filename or "").name)
        # What was wrong earlier may have been mended, here or in what the file imports.
        if file and error.timestamp and error.timestamp > since:
            reason = (error.stack_trace or "").strip().splitlines()[-1]
            raise StackError(f"Airflow cannot import {file}: {reason}")
