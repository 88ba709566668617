"""A DAG in Airflow's own terms: the last thing the compiler makes before it writes Python."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Task:
    """An operator: `arguments` are what differs from its defaults, in the order to write."""

    name: str | None  # of its variable; None when nothing refers to it
    arguments: dict[str, Any]
    operator: str = "StepOperator"


@dataclass(frozen=True, slots=True)
class Foreach:
    """A block of tasks that run once for each split of the foreach step in variable `over`."""

    group_id: str
    over: str
    body: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A reference to a variable of the compiled file, as a value among arguments."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call as a value among arguments, such as `duration(minutes=2)`."""

    function: str
    positional: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DagModel:
    """A DAG file, top to bottom.

    `decorator` is what the function is: a DAG, or a task group for a DAG written by hand.
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
