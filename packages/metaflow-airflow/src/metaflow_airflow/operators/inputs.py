"""A step's inputs: the pathspecs of the preceding tasks, computed from the graph rather than looked up."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypedDict

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import gang_task_ids, task_id

Path = list[int]  # the foreach indices that lead to a task, outermost first


class Relation(Enum):
    """How the foreach scope of a step relates to that of a step that it follows."""

    SAME = "both run once per path"
    SPLIT = "the preceding step is the foreach, this step runs for one of its splits"
    JOIN = "the preceding step ran once per split, this step joins the splits"


class Choice(TypedDict):
    """The XCom of a switch: the step that it chose, and the id of the Metaflow task to continue from."""

    next: str
    task: str


@dataclass(frozen=True, slots=True)
class StepInput:
    """A step that precedes another one.

    :param step: the preceding step
    :param airflow_task_id: its task id in Airflow
    :param relation: how the foreach scopes of both steps relate
    :param splits_of: for a join, the Airflow task id of the foreach step whose splits are joined
    :param paths_of: for a join, the Airflow task id of the task that lists the index paths of all splits
    :param switch: whether the preceding step chose the next step
    :param parallel: whether the preceding step was a gang of tasks
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
    """What Airflow knows about the preceding tasks when a task starts.

    :param map_index: the map index of the task that starts
    :param splits: by Airflow task id of a joined foreach step: the index paths of its splits
    :param paths: by Airflow task id of a listing task: the index paths that it returned
    :param returned: by Airflow task id of a switch or gang, and by map index: its XCom
    :param states: the states of the preceding tasks by Airflow task id, with the map index appended; None if
        none of them can be skipped
    """

    map_index: int = -1
    splits: dict[str, list[Path]] = field(default_factory=dict)
    paths: dict[str, list[Path]] = field(default_factory=dict)
    returned: dict[str, dict[int, Any]] = field(default_factory=dict)
    states: dict[str, str | None] | None = None

    def ran(self, airflow_task_id: str, map_index: int) -> bool:
        """Return whether a task ran, that is, was not skipped."""
        if self.states is None:
            return True
        name = airflow_task_id if map_index < 0 else f"{airflow_task_id}_{map_index}"
        return self.states.get(name) == "success"


def input_paths(inputs: tuple[StepInput, ...], step: str, path: Path, upstream: Upstream) -> tuple[str, ...]:
    """Return the `step/task` pathspecs of a task's inputs; none if no preceding task continued to it.

    :param inputs: the steps that the task's step follows
    :param step: the task's step
    :param path: the index path of the task
    :param upstream: what Airflow knows about the preceding tasks
    """
    found = [
        (input_path, f"{source.step}/{task}")
        for source in inputs
        for input_path, map_index in places(source, path, upstream)
        for task in _task_ids(source, step, input_path, map_index, upstream)
    ]
    # Sorted by path, so that a join has its inputs in foreach order no matter which branch each split took.
    return tuple(name for _, name in sorted(found, key=lambda each: each[0]))


def places(source: StepInput, path: Path, upstream: Upstream) -> list[tuple[Path, int]]:
    """Return the index paths of a preceding step's tasks, each with its map index in Airflow."""
    match source.relation:
        case Relation.SAME:
            return [(path, upstream.map_index)]
        case Relation.SPLIT:
            return [(path[:-1], -1)]
        case Relation.JOIN:
            all_paths = upstream.paths.get(source.paths_of or "", [])
            index_of = {tuple(each): index for index, each in enumerate(all_paths)}
            return [
                (each, index_of[tuple(each)])
                for each in upstream.splits[source.splits_of or ""]
                if tuple(each) in index_of
            ]


def _task_ids(
    source: StepInput, step: str, path: Path, map_index: int, upstream: Upstream
) -> tuple[str, ...]:
    """Return the ids of the Metaflow tasks of a preceding Airflow task, if it continued to this step."""
    if source.relation is not Relation.SPLIT and not upstream.ran(source.airflow_task_id, map_index):
        return ()
    if source.switch:
        choice: Choice | None = upstream.returned[source.airflow_task_id][map_index]
        return (choice["task"],) if choice and choice["next"] == step else ()
    if source.parallel:
        return gang_task_ids(source.step, path, upstream.returned[source.airflow_task_id][map_index])
    return (task_id(source.step, path),)
