"""Where a step's input comes from: the tasks before it, by names that need no looking up."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import gang_task_ids, task_id

Path = list[int]  # the foreach indices that lead to a task, outermost first


class Relation(Enum):
    """How the foreach scopes of a step and of the one that it follows relate."""

    SAME = "both run once for each path"
    SPLIT = "the one before is the foreach, this one a split of it"
    JOIN = "the one before ran once for each split, this one joins them"


@dataclass(frozen=True, slots=True)
class StepInput:
    """A step before another one.

    `airflow_task_id` is its task in Airflow, `splits_of` that of the foreach whose splits are joined, and
    `paths_of` that of the task which lists the paths of them all. `switch`: it chose where to go on.
    `parallel`: it was a gang of tasks.
    """

    step: str
    airflow_task_id: str
    relation: Relation = Relation.SAME
    splits_of: str | None = None
    paths_of: str | None = None
    switch: bool = False
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class Upstream:
    """What Airflow knows, when a task starts, of the tasks before it.

    By Airflow task id: `splits` has the paths that each foreach joined here was split into, `paths` all the
    paths that a listing task returned, and `returned` what switches and gangs returned, by map index.
    `states` are those of the tasks before by Airflow task id and map index, None when none can be skipped.
    """

    map_index: int = -1
    splits: dict[str, list[Path]] = field(default_factory=dict)
    paths: dict[str, list[Path]] = field(default_factory=dict)
    returned: dict[str, dict[int, Any]] = field(default_factory=dict)
    states: dict[str, str | None] | None = None

    def ran(self, airflow_task_id: str, map_index: int) -> bool:
        """Return whether a task ran, and was not skipped."""
        if self.states is None:
            return True
        name = airflow_task_id if map_index < 0 else f"{airflow_task_id}_{map_index}"
        return self.states.get(name) == "success"


def input_paths(inputs: tuple[StepInput, ...], step: str, path: Path, upstream: Upstream) -> tuple[str, ...]:
    """Return the `step/task` paths of a task's inputs; none when no task before it went on to it.

    `path` leads to the task itself, of `step`.
    """
    found = [
        (input_path, f"{source.step}/{task}")
        for source in inputs
        for input_path, map_index in places(source, path, upstream)
        for task in _task_ids(source, step, input_path, map_index, upstream)
    ]
    # By path, so that a join has its inputs in the order of the foreach, whichever way each split went.
    return tuple(name for _, name in sorted(found, key=lambda each: each[0]))


def places(source: StepInput, path: Path, upstream: Upstream) -> list[tuple[Path, int]]:
    """Return the paths that lead to the tasks of a step before, each with its map index in Airflow."""
    match source.relation:
        case Relation.SAME:
            return [(path, upstream.map_index)]
        case Relation.SPLIT:
            return [(path[:-1], -1)]
        case Relation.JOIN:
            everywhere = upstream.paths.get(source.paths_of or "", [])
            index_of = {tuple(each): index for index, each in enumerate(everywhere)}
            return [
                (each, index_of[tuple(each)])
                for each in upstream.splits[source.splits_of or ""]
                if tuple(each) in index_of
            ]


def _task_ids(
    source: StepInput, step: str, path: Path, map_index: int, upstream: Upstream
) -> tuple[str, ...]:
    """Return the ids of Metaflow's tasks that an Airflow task of the step before was, if it went on here."""
    if source.relation is not Relation.SPLIT and not upstream.ran(source.airflow_task_id, map_index):
        return ()
    if source.switch:
        choice = upstream.returned[source.airflow_task_id][map_index]
        return (choice["task"],) if choice and choice["next"] == step else ()
    if source.parallel:
        return gang_task_ids(source.step, path, upstream.returned[source.airflow_task_id][map_index])
    return (task_id(source.step, path),)
