"""A DAG in Airflow's terms: what `plan` makes and `render` turns into Python."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Task:
    """An operator; its `arguments` are those that differ from the defaults, in the order to write them."""

    name: str | None  # the variable's; None if nothing refers to it
    arguments: dict[str, Any]
    operator: str = "StepOperator"


@dataclass(frozen=True, slots=True)
class Foreach:
    """A group of tasks that run once for each split of the foreach step in the variable `over`."""

    group_id: str
    over: str
    body: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is a variable of the compiled file."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A value that is a call, such as `duration(minutes=2)`."""

    function: str
    positional: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DagModel:
    """A DAG file, top to bottom.

    `decorator` is the function's: it makes a DAG, or a task group for a DAG written by hand.
    """

    title: str
    doc: str
    source: str  # the flow's file, relative
    target: str  # the DAG's file, relative
    flow: Call
    function: str
    arguments: dict[str, Any]
    body: tuple[Task | Foreach, ...]
    imports: dict[str, tuple[str, ...]]  # names by module
    decorator: Literal["dag", "task_group"] = "dag"
