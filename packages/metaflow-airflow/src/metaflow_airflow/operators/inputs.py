"""Where a step's input comes from: the tasks before it, by names that need no looking up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import task_id

Path = list[int]  # the foreach indices that lead to a task, outermost first


@dataclass(frozen=True, slots=True)
class StepInput:
    """A step before another one.

    `is_foreach`: it is the foreach that the other one is a split of. `splits_of`: it was split by that
    Airflow task, and the other one joins the splits.
    """

    step: str
    is_foreach: bool = False
    splits_of: str | None = None


def step_inputs(upstream: Iterable[Any]) -> tuple[StepInput, ...]:
    """Return the inputs that operators and mapped task groups stand for."""
    return tuple(found for node in upstream for found in _inputs_of(node))


def _inputs_of(node: Any) -> list[StepInput]:
    if not isinstance(node, MappedTaskGroup):
        return [StepInput(node.step, is_foreach=node.foreach)]
    (source,) = node.iter_mapped_dependencies()
    return [StepInput(leaf.step, splits_of=source.task_id) for leaf in cast("list[Any]", node.get_leaves())]


def input_paths(inputs: Iterable[StepInput], path: Path, splits: dict[str, list[Path]]) -> tuple[str, ...]:
    """Return the `step/task` paths of a task's inputs.

    `path` leads to the task itself; `splits` has the paths that each foreach joined here was split into.
    """
    return tuple(
        f"{source.step}/{task_id(source.step, input_path)}"
        for source in inputs
        for input_path in _paths(source, path, splits)
    )


def _paths(source: StepInput, path: Path, splits: dict[str, list[Path]]) -> list[Path]:
    if source.splits_of is not None:
        return splits[source.splits_of]
    return [path[:-1] if source.is_foreach else path]
