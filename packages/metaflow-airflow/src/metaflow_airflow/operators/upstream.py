"""Asks Airflow what a task must know of the tasks before it."""

from collections.abc import Sequence
from typing import Any

from metaflow_airflow.operators.inputs import Path, Relation, StepInput, Upstream, places


def read_upstream(
    instance: Any, inputs: Sequence[StepInput], path: Path, *, may_be_skipped: bool
) -> Upstream:
    """Return what is known of the tasks before a task instance; only what its inputs need is asked for.

    `path` leads to the task; `may_be_skipped`: some of the tasks before it may not have run.
    """
    joins = [source for source in inputs if source.relation is Relation.JOIN]
    known = Upstream(
        map_index=instance.map_index,
        splits={
            source.splits_of: instance.xcom_pull(task_ids=source.splits_of, map_indexes=instance.map_index)
            or []
            for source in joins
            if source.splits_of
        },
        paths={
            source.paths_of: instance.xcom_pull(task_ids=source.paths_of, map_indexes=-1) or []
            for source in joins
            if source.paths_of
        },
        states=_states(instance, inputs) if may_be_skipped else None,
    )
    for source in inputs:
        if source.switch or source.parallel:
            known.returned[source.airflow_task_id] = {
                index: instance.xcom_pull(task_ids=source.airflow_task_id, map_indexes=index)
                for _, index in places(source, path, known)
            }
    return known


def _states(instance: Any, inputs: Sequence[StepInput]) -> dict[str, str | None]:
    task_ids = [source.airflow_task_id for source in inputs]
    found = instance.get_task_states(dag_id=instance.dag_id, task_ids=task_ids, run_ids=[instance.run_id])
    states: dict[str, str | None] = found.get(instance.run_id, {})
    return states
