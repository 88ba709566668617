"""`airflow trigger`: start a run of the deployed flow with the parameters of the command line."""

from collections.abc import Callable, Mapping
from typing import Any

from metaflow import parameters

from metaflow_airflow.commands.deployed_dags import require_flow
from metaflow_airflow.commands.outputs import write_attributes, write_output
from metaflow_airflow.commands.rest import Airflow, AirflowError
from metaflow_airflow.commands.run_values import run_values
from metaflow_airflow.commands.serving import wait_until_served
from metaflow_airflow.compiler.datastore import require_datastore
from metaflow_airflow.run_ids import metaflow_run_id


def trigger(
    state: Any,
    values: dict[str, Any],
    given: Mapping[str, Any],
    run_id_file: str | None,
    attribute_file: str | None,
) -> None:
    """Start a run once Airflow serves the version in the DAG file, and print its id and its address.

    Args:
        state: The object of Metaflow's command line, with the names that `resolve_name` returned.
        values: The values of the command's options that are parameters of the flow, by click's names.
        given: What the user wrote for the options that were given, by the same names; the deployed version
            has defaults for the others.
        run_id_file: Where to write the id of the Metaflow run, if anywhere.
        attribute_file: Where Metaflow's Deployer reads the outcome, if it runs this command.

    Raises:
        MetaflowException: Airflow did not start a run, or a file cannot be written.
    """
    if any(isinstance(values.get(option), parameters.DelayedEvaluationParameter) for option in given):
        require_datastore(state)  # a file is uploaded
    found = run_values(state.flow, values, given)
    run_id, address = _start_run(state.dag_id, state.flow.name, found, state.echo)
    write_output(run_id_file, run_id)
    write_attributes(state, attribute_file, pathspec=f"{state.flow.name}/{run_id}")
    state.echo(f"DAG *{state.dag_id}* triggered on Airflow (run-id *{run_id}*).", bold=True)
    state.echo(f"See the run at {address}")


def _start_run(dag_id: str, flow: str, values: dict[str, Any], say: Callable[[str], None]) -> tuple[str, str]:
    """Start a run of the version in the DAG file; return the id of its Metaflow run, and its address."""
    airflow = Airflow()
    dag = wait_until_served(airflow, dag_id, say)
    require_flow(airflow, dag_id, flow)
    if dag.is_paused:
        raise AirflowError(
            f"The DAG {dag_id!r} is paused, so Airflow would not start the run: unpause it "
            f"(`airflow dags unpause {dag_id}`) and trigger it again."
        )
    run = airflow.trigger(dag_id, values)
    return metaflow_run_id(dag_id, run.dag_run_id, run.run_after), airflow.run_address(run)
