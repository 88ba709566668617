"""What the commands and the Deployer do with a flow that is deployed on Airflow."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from metaflow.exception import MetaflowException
from metaflow.util import get_username

from metaflow_airflow.commands.dags_folder import find_file
from metaflow_airflow.commands.rest import ACTIVE, Airflow, AirflowError
from metaflow_airflow.commands.serving import wait_until_served
from metaflow_airflow.commands.tokens import require_authority
from metaflow_airflow.compiler.compiled_file import CompiledDag, parse_compiled, read_compiled
from metaflow_airflow.run_ids import RUN_ID_PREFIX, TRIGGERED_BY, metaflow_run_id

# Airflow's states in the words of Metaflow's other schedulers.
STATUSES = {"queued": "Pending", "running": "Running", "success": "Succeeded", "failed": "Failed"}


class RunIdMismatch(MetaflowException):
    """A run that is not one of this flow on Airflow."""

    headline = "Run ID mismatch"


def trigger_run(dag_id: str, flow: str, values: dict[str, Any], say: Callable[[str], None]) -> str:
    """Start a run of the version in the DAG file and return the id of its Metaflow run."""
    airflow = Airflow()
    dag = wait_until_served(airflow, dag_id, say)
    _require_flow(airflow, dag_id, flow)
    if dag.is_paused:
        raise AirflowError(
            f"The DAG {dag_id!r} is paused, so that no run of it would start: unpause it in Airflow "
            f"(`airflow dags unpause {dag_id}`) and trigger it again."
        )
    user = get_username()
    run = airflow.trigger(dag_id, values | ({TRIGGERED_BY: user} if user else {}))
    return metaflow_run_id(dag_id, run.dag_run_id, run.run_after)


def list_runs(dag_id: str, limit: int) -> Iterator[str]:
    """Yield a line for each run, newest first: its Metaflow run id, status and start."""
    airflow = Airflow()
    _require_dag(airflow, dag_id)
    for run in islice(airflow.runs(dag_id), limit):
        run_id = metaflow_run_id(dag_id, run.dag_run_id, run.run_after)
        start = (run.start_date or run.run_after).isoformat(timespec="seconds")
        yield f"{run_id}  {STATUSES[run.state]:<9}  {start}"


def run_status(dag_id: str, run_id: str) -> str:
    """Return Pending, Running, Succeeded or Failed."""
    _require_run_id(run_id)
    return STATUSES[Airflow().run(dag_id, run_id).state]


def terminate_run(dag_id: str, flow: str, token_prefix: str, run_id: str, authorize: str | None) -> None:
    """Fail a run, which ends its tasks."""
    _require_run_id(run_id)
    airflow = Airflow()
    deployed = _require_flow(airflow, dag_id, flow)
    run = airflow.run(dag_id, run_id)
    require_authority(token_prefix, deployed.production_token, authorize, f"Terminating a run of {dag_id}")
    if run.state not in ACTIVE:
        raise AirflowError(f"The run {run_id!r} has ended already: {STATUSES[run.state]}.")
    airflow.fail(run)


def delete_dag(dag_id: str, flow: str, token_prefix: str, authorize: str | None) -> Path | None:
    """Remove a DAG from Airflow and its file from the DAGs folder; return the file if there was one."""
    airflow = Airflow()
    file, dag = find_file(dag_id), airflow.dag(dag_id)
    if file is None and dag is None:
        raise AirflowError(f"There is no DAG {dag_id!r}: neither in Airflow at {airflow.url} nor as a file.")
    deployed = (
        _require_same(dag_id, flow, read_compiled(file)) if file else _require_flow(airflow, dag_id, flow)
    )
    require_authority(token_prefix, deployed.production_token, authorize, f"Deleting {dag_id}")
    if dag and any(True for _ in airflow.runs(dag_id, state=list(ACTIVE))):
        raise AirflowError(f"Runs of {dag_id!r} are not finished: terminate them or wait, then delete it.")
    if dag and not dag.is_stale and file is None:
        raise AirflowError(
            f"Airflow would read {dag_id!r} again from {dag.fileloc}, which is not in this machine's DAGs "
            "folder: remove that file, then delete the DAG."
        )
    if file:
        file.unlink()
    if dag:
        airflow.delete(dag_id)
    return file


def deployed_token(dag_id: str) -> str | None:
    """Return the production token of a DAG on Airflow, None if it has none."""
    deployed = parse_compiled(Airflow().source(dag_id))
    return deployed.production_token if deployed else None


def _require_dag(airflow: Airflow, dag_id: str) -> None:
    if airflow.dag(dag_id) is None:
        raise AirflowError(f"Airflow at {airflow.url} has no DAG {dag_id!r}: run `airflow create` first.")


def _require_flow(airflow: Airflow, dag_id: str, flow: str) -> CompiledDag:
    """Return what Airflow has deployed as a DAG."""
    _require_dag(airflow, dag_id)
    return _require_same(dag_id, flow, parse_compiled(airflow.source(dag_id)))


def _require_same(dag_id: str, flow: str, deployed: CompiledDag | None) -> CompiledDag:
    """Return a deployment if it is the flow's; with `--name` it may be any other's."""
    if deployed is None or deployed.flow != flow:
        owner = f"the flow {deployed.flow}" if deployed else "no compiled flow"
        raise RunIdMismatch(f"The DAG {dag_id!r} on Airflow is {owner}, not the flow {flow}.")
    return deployed


def _require_run_id(run_id: str) -> None:
    if not run_id.startswith(RUN_ID_PREFIX):
        raise RunIdMismatch(
            f"Run IDs of flows that Airflow ran begin with {RUN_ID_PREFIX!r}; {run_id!r} does not."
        )
