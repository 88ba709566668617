"""The flow that a compiled DAG runs."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """A Metaflow flow and the code that runs it.

    `file` is the flow's file inside the code package. `package` is the code package's path below the
    datastore root; its last part is the SHA-1 of the package. `tags` and `namespace` are Metaflow's.
    """

    name: str
    file: str
    package: str
    tags: tuple[str, ...] = ()
    namespace: str | None = None


def metaflow_run_id(dag_id: str, dag_run_id: str, run_after: datetime) -> str:
    """Return the id of the Metaflow run that a DAG run is; the same for every try of every task.

    The time is part of it because a DAG run's id may be used again once the DAG run is deleted.
    """
    identity = "\n".join([dag_id, dag_run_id, run_after.astimezone(UTC).isoformat()])
    return "airflow-" + hashlib.sha256(identity.encode()).hexdigest()[:16]
