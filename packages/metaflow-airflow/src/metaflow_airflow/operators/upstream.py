"""Reads from Airflow what a task has to know about the tasks that precede it."""

from collections.abc import Sequence
from typing import Any

from metaflow_airflow.operators.inputs import Path, Relation, StepInput, Upstream, places


def read_upstream(
    instance: Any, inputs: Sequence[StepInput], path: Path, *, may_be_skipped: bool
) -> Upstream:
    """Return what Airflow knows about the preceding tasks; only what the inputs need is read.

    :param instance: the task instance
    :param inputs: the steps that the task's step follows
    :param path: the index path of the task
    :param may_be_skipped: whether some of the preceding tasks may have been skipped
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
