"""Running compiled flows from a DAG."""

from collections.abc import Iterable

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowException

# The steps of a failed flow have been retried already; only a worker that died is a reason to try again.
NO_SECOND_FLOW_RUN = ExceptionRetryPolicy([RetryRule(AirflowException, RetryAction.FAIL)])


def run_flows(flows: Iterable[str]) -> list[TriggerDagRunOperator]:
    """Return a task for each flow, with its name: it runs the flow's DAG and succeeds or fails with it.

    A flow's DAG run has the id of the run that triggers it.
    """
    return [
        TriggerDagRunOperator(
            task_id=flow,
            trigger_dag_id=flow,
            trigger_run_id="{{ run_id }}",
            reset_dag_run=True,  # a retried or cleared task runs the flow again
            wait_for_completion=True,
            deferrable=True,
            poke_interval=3,
            retry_policy=NO_SECOND_FLOW_RUN,
        )
        for flow in flows
    ]
