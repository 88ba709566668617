"""A flow in Metaflow's own terms: what the compiler reads, and the only view it takes of Metaflow."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

VIRTUAL_ENVIRONMENTS = ("conda", "pypi")  # Metaflow's environments that make one for each step's packages


class StepType(Enum):
    """How a step goes on; the values are Metaflow's names."""

    LINEAR = "linear"
    SPLIT = "split"
    FOREACH = "foreach"
    SWITCH = "split-switch"
    JOIN = "join"
    END = "end"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the flow's source, for messages; it never reaches the compiled file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a step is tried again: `user_code` times with its own code, the rest by `@catch`."""

    user_code: int = 0
    in_all: int = 0
    minutes_between: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step: where it goes, and its decorators reduced to what a scheduler must know.

    `foreach_scope` are the foreach steps around it, outermost first. `joins` is the split or foreach step
    that it joins. A gang of tasks (`num_parallel`) counts as one task, so the step before it is no foreach.
    `resources` and `pod` hold only what the flow's author asked for, in the words of `@resources` and
    `@kubernetes`; memory, disk and shared memory are in megabytes. `own_compute` are the decorators that
    would start the step elsewhere than Airflow. `virtual_environment` is Metaflow's id of the packages that
    `@conda` or `@pypi` ask for.
    """

    name: str
    type: StepType
    place: Place
    follows: tuple[str, ...]
    leads_to: tuple[str, ...]
    doc: str = ""
    foreach_scope: tuple[str, ...] = ()
    joins: str | None = None
    repeats: bool = False  # it may choose itself again
    parallel: bool = False  # it is a gang of tasks that run at once
    retries: Retries = Retries()
    timeout_seconds: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    pod: dict[str, Any] = field(default_factory=dict)
    added_decorators: tuple[str, ...] = ()  # by --with, as Metaflow writes them
    own_compute: tuple[str, ...] = ()
    virtual_environment: str | None = None


class ParameterType(Enum):
    """The type of a parameter; the values are JSON schema's names.

    A string is also what a type of the flow's own makes its values from.
    """

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    JSON = "json"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FlowParameter:
    """A parameter of the flow.

    `default` is None when there is none, or when only the flow itself can make it: a file, or an object that
    JSON has no word for. `choices` are all the values it may have, if they are known. `click_options` are
    the ways in which it takes more or less than one value. `missing_file` is a default that cannot be read.
    """

    name: str
    type: ParameterType
    default: Any = None
    required: bool = False
    help: str | None = None
    choices: tuple[str, ...] = ()
    click_options: tuple[str, ...] = ()
    missing_file: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the flow runs: a cron preset or expression, and its time zone (IANA name)."""

    cron: str
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a flow waits for: the event of an asset, by the asset's name or address.

    `parameters` says which field of the event's payload each parameter of the flow is set from. `of_flow`:
    it is the success of another compiled flow.
    """

    name: str
    parameters: dict[str, str] = field(default_factory=dict)
    of_flow: bool = False


@dataclass(frozen=True, slots=True)
class ExitHooks:
    """The functions to call when a run has ended, by name or import path."""

    on_success: tuple[str, ...] = ()
    on_error: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowModel:
    """A flow, its steps in the order of their definition."""

    name: str
    file: str
    doc: str
    steps: tuple[Step, ...]
    first_step: str
    parameters: tuple[FlowParameter, ...] = ()
    schedule: Schedule | None = None
    events: tuple[Event, ...] = ()  # all of them must have happened
    event_options: tuple[str, ...] = ()  # of the decorators for events and hooks, as they are written
    success_event: str = ""  # that happens when the flow has succeeded
    exit_hooks: ExitHooks | None = None
    environment: str = "local"
    datastore: str = "s3"

    def step(self, name: str) -> Step:
        """Return the step of that name."""
        return next(step for step in self.steps if step.name == name)

    def event_parameters(self) -> dict[str, dict[str, str]]:
        """Return the fields of the events' payloads that set parameters: by event, by parameter."""
        return {event.name: event.parameters for event in self.events if event.parameters}
