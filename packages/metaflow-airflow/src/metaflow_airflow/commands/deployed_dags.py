"""Which flow a DAG on Airflow is: the commands leave the DAGs of other flows alone."""

from collections.abc import Iterator

from metaflow.exception import MetaflowException

from metaflow_airflow.commands.rest import Airflow, AirflowError
from metaflow_airflow.compiler.compiled_file import CompiledDag, parse_compiled


class RunIdMismatch(MetaflowException):
    """A run or a DAG that does not belong to this flow."""

    headline = "Run ID mismatch"


def deployed_dags(flow_name: str | None = None) -> Iterator[str]:
    """Yield the ids of the compiled DAGs that Airflow serves: all of them, or those of one flow.

    Raises:
        AirflowError: Airflow does not answer.
    """
    airflow = Airflow()
    for dag_id in airflow.dag_ids():
        deployed = parse_compiled(airflow.source(dag_id))
        if deployed and flow_name in (None, deployed.flow):
            yield dag_id


def deployed_token(dag_id: str) -> str | None:
    """Return the production token of a DAG on Airflow, None if it has none."""
    deployed = parse_compiled(Airflow().source(dag_id))
    return deployed.production_token if deployed else None


def require_dag(airflow: Airflow, dag_id: str) -> None:
    """Raise AirflowError if Airflow does not know a DAG."""
    if airflow.dag(dag_id) is None:
        raise AirflowError(f"Airflow at {airflow.url} has no DAG {dag_id!r}: run `airflow create` first.")


def require_flow(airflow: Airflow, dag_id: str, flow: str) -> CompiledDag:
    """Return what Airflow serves as a DAG.

    Raises:
        AirflowError: Airflow does not know the DAG.
        RunIdMismatch: The DAG is another flow, or was not compiled from a flow.
    """
    require_dag(airflow, dag_id)
    return require_same_flow(dag_id, flow, parse_compiled(airflow.source(dag_id)))


def require_same_flow(dag_id: str, flow: str, deployed: CompiledDag | None) -> CompiledDag:
    """Return a deployment if it is the flow's; with `--name` it may be any other's.

    Raises:
        RunIdMismatch: The DAG is another flow, or was not compiled from a flow.
    """
    if deployed is None or deployed.flow != flow:
        owner = f"the flow {deployed.flow}" if deployed else "not a compiled flow"
        raise RunIdMismatch(f"The DAG {dag_id!r} on Airflow is {owner}, not the flow {flow}.")
    return deployed
