"""The id of a DAG run's Metaflow run. Standard library only, because commands and operators import it."""

import hashlib
from datetime import UTC, datetime

RUN_ID_PREFIX = "airflow-"


def metaflow_run_id(dag_id: str, dag_run_id: str, run_after: datetime, group_id: str | None = None) -> str:
    """Return the id of a DAG run's Metaflow run; it is the same in every attempt of every task.

    Args:
        dag_id: The DAG's id.
        dag_run_id: The DAG run's id.
        run_after: The time of the DAG run; once a DAG run is deleted, another one may have its id.
        group_id: The id of the flow's task group, if the flow is one.
    """
    parts = [dag_id, dag_run_id, run_after.astimezone(UTC).isoformat()]
    identity = "\n".join([*parts, group_id] if group_id else parts)
    return RUN_ID_PREFIX + hashlib.sha256(identity.encode()).hexdigest()[:16]
