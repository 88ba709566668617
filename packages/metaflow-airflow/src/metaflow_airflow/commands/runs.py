"""`airflow list-runs`, `status` and `terminate`: the runs of a deployed flow."""

from collections.abc import Iterator
from itertools import islice

from metaflow_airflow.commands.deployed_dags import RunIdMismatch, require_dag, require_flow
from metaflow_airflow.commands.rest import ACTIVE, Airflow, AirflowError
from metaflow_airflow.commands.tokens import require_authority
from metaflow_airflow.run_ids import RUN_ID_PREFIX, metaflow_run_id

# Airflow's states, by the names that Metaflow's other schedulers use.
STATUSES = {"queued": "Pending", "running": "Running", "success": "Succeeded", "failed": "Failed"}


def list_runs(dag_id: str, limit: int) -> Iterator[str]:
    """Yield a line for each run, newest first: its Metaflow run id, status and start.

    Raises:
        AirflowError: Airflow does not know the DAG, or does not answer.
    """
    airflow = Airflow()
    require_dag(airflow, dag_id)
    for run in islice(airflow.runs(dag_id), limit):
        run_id = metaflow_run_id(dag_id, run.dag_run_id, run.run_after)
        start = (run.start_date or run.run_after).isoformat(timespec="seconds")
        yield f"{run_id}  {STATUSES[run.state]:<9}  {start}"


def run_status(dag_id: str, run_id: str) -> str:
    """Return Pending, Running, Succeeded or Failed.

    Raises:
        RunIdMismatch: The id is not that of a run on Airflow.
        AirflowError: The DAG has no such run, or Airflow does not answer.
    """
    _require_run_id(run_id)
    return STATUSES[Airflow().run(dag_id, run_id).state]


def terminate_run(dag_id: str, flow: str, token_prefix: str, run_id: str, authorize: str | None) -> None:
    """Mark a run as failed, which ends its tasks.

    Args:
        dag_id: The DAG's id.
        flow: The name of the flow that the DAG has to be.
        token_prefix: The beginning of the deployment's production tokens.
        run_id: The id of the Metaflow run.
        authorize: The production token, if it was given.

    Raises:
        RunIdMismatch: The id is not that of a run on Airflow, or the DAG is another flow.
        AirflowError: The DAG has no such run, or it has ended already, or Airflow does not answer.
        IncorrectProductionToken: The production token is missing.
    """
    _require_run_id(run_id)
    airflow = Airflow()
    deployed = require_flow(airflow, dag_id, flow)
    run = airflow.run(dag_id, run_id)
    require_authority(token_prefix, deployed.production_token, authorize, f"Terminating a run of {dag_id}")
    if run.state not in ACTIVE:
        raise AirflowError(f"The run {run_id!r} has already ended: {STATUSES[run.state]}.")
    airflow.fail(run)


def _require_run_id(run_id: str) -> None:
    if not run_id.startswith(RUN_ID_PREFIX):
        raise RunIdMismatch(f"The ids of runs on Airflow start with {RUN_ID_PREFIX!r}; {run_id!r} does not.")
