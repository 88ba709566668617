"""What a DAG needs besides its flow: the command line's options, and where the flow's files were saved."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SavedFiles:
    """Where a flow's files are in the datastore.

    `package` is the code package's path below the datastore root. `included` describes, by parameter, the
    files that are defaults of the flow's parameters.
    """

    package: str
    included: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the command line says about a DAG, beyond the flow itself.

    `source` and `target` are the files of the flow and the DAG as the header shows them (`shown_paths`).
    `production_token`, `tags` and `namespace` are Metaflow's. `branch` is that of @project. `max_workers`
    limits the tasks that run at once; `workflow_timeout` is in seconds; `worker_pool` is an Airflow pool.
    """

    dag_id: str
    source: str
    target: str
    production_token: str | None = None
    branch: str | None = None
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    max_workers: int | None = None
    workflow_timeout: int | None = None
    worker_pool: str | None = None
    paused: bool = False
    task_group: bool = False  # a task group for a DAG written by hand, instead of a DAG


def task_group_id(dag_id: str) -> str:
    """Return the id of the task group that replaces a DAG; Airflow's groups have no dots in their ids."""
    return dag_id.replace(".", "_")


def shown_paths(flow_file: Path, target: Path) -> tuple[str, str]:
    """Return the two files as the header shows them, relative to the project that holds both.

    The project is the parent of the target's folder, or of the folder named `dags` around the target. Where
    neither holds the flow, only the files' names are shown. So the header depends neither on where the
    project is nor on where the command runs.
    """
    flow_file, target = flow_file.resolve(), target.resolve()
    for project in [target.parent.parent, *(each.parent for each in target.parents if each.name == "dags")]:
        if flow_file.is_relative_to(project):
            return flow_file.relative_to(project).as_posix(), target.relative_to(project).as_posix()
    return flow_file.name, target.name
