"""`airflow delete`: remove a deployed flow from Airflow and from the DAGs folder."""

from pathlib import Path

from metaflow_airflow.commands.dags_folder import find_file
from metaflow_airflow.commands.deployed_dags import require_flow, require_same_flow
from metaflow_airflow.commands.rest import ACTIVE, Airflow, AirflowError
from metaflow_airflow.commands.tokens import require_authority
from metaflow_airflow.compiler.compiled_file import read_compiled


def delete_dag(dag_id: str, flow: str, token_prefix: str, authorize: str | None) -> Path | None:
    """Remove a DAG from Airflow and its file from the DAGs folder; return the file if there was one.

    Args:
        dag_id: The DAG's id.
        flow: The name of the flow that the DAG has to be.
        token_prefix: The beginning of the deployment's production tokens.
        authorize: The production token, if it was given.

    Raises:
        AirflowError: There is no such DAG, runs of it are not finished, or Airflow would read it again from
            a file that is not on this machine.
        RunIdMismatch: The DAG is another flow.
        IncorrectProductionToken: The production token is missing.
    """
    airflow = Airflow()
    file, dag = find_file(dag_id), airflow.dag(dag_id)
    if file is None and dag is None:
        raise AirflowError(f"There is no DAG {dag_id!r}: neither in Airflow at {airflow.url} nor as a file.")
    deployed = (
        require_same_flow(dag_id, flow, read_compiled(file)) if file else require_flow(airflow, dag_id, flow)
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
