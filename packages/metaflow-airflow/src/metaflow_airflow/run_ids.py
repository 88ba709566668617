"""What a DAG run and its Metaflow run know of each other. Standard library only, for the commands."""

import hashlib
from datetime import UTC, datetime

RUN_ID_PREFIX = "airflow-"
# Where a DAG run's configuration says which user triggered it; no parameter has a dot in its name.
TRIGGERED_BY = "metaflow.user"


def metaflow_run_id(dag_id: str, dag_run_id: str, run_after: datetime, group_id: str | None = None) -> str:
    """Return the id of the Metaflow run that a DAG run is; the same for every try of every task.

    `group_id` is that of the task group which the flow is, if it is one. The time is part of it because a DAG
    run's id may be used again once the DAG run is deleted.
    """
    place = [dag_id, dag_run_id, run_after.astimezone(UTC).isoformat()]
    identity = "\n".join([*place, group_id] if group_id else place)
    return RUN_ID_PREFIX + hashlib.sha256(identity.encode()).hexdigest()[:16]
