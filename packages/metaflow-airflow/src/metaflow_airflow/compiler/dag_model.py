"""A DAG in Airflow's own terms: the last thing the compiler makes before it writes Python."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """A step operator: `arguments` are what differs from the operator's defaults, in the order to write."""

    name: str | None  # of its variable; None when nothing refers to it
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MappedGroup:
    """A task group that runs once for each split of the foreach step in variable `over`.

    `function` names the decorated function, `name` the variable that holds the expanded group.
    """

    name: str
    function: str
    over: str
    body: tuple["Task | MappedGroup", ...]


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
    """A DAG file, top to bottom."""

    title: str
    doc: str
    source: str  # the flow's file, relative
    target: str  # the DAG's file, relative
    flow: Call
    function: str
    arguments: dict[str, Any]
    body: tuple[Task | MappedGroup, ...]
    sdk_imports: tuple[str, ...]
    pendulum_imports: tuple[str, ...]
