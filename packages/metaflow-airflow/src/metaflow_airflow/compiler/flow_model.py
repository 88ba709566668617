"""A flow in Metaflow's terms: what `read` makes, and all that the later stages know about the flow."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

VIRTUAL_ENVIRONMENTS = ("conda", "pypi")  # Metaflow's environments that install packages for each step


class StepType(Enum):
    """What follows a step; the values are Metaflow's names."""

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
class Decorator:
    """A decorator that was used.

    `options` are those that were written and differ from their defaults. `acts_in_steps`: all that its code
    does, it does where a step runs.
    """

    name: str
    options: tuple[str, ...] = ()
    acts_in_steps: bool = False


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a step is retried: `user_code` times with its own code, the rest of `total` by `@catch`."""

    user_code: int = 0
    total: int = 0
    minutes_between: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its place in the graph, and its decorators reduced to what a scheduler must know.

    `foreach_scope` are the foreach steps around it, outermost first. `joins` is the split or foreach step
    that it joins. A gang of tasks (`num_parallel`) counts as one task, so the step before it is no foreach.
    `resources` and `pod` have only what the flow's author requested, by the argument names of `@resources`
    and `@kubernetes`; memory, disk and shared memory are in megabytes. `own_compute` are the decorators that
    would start the step on another system. `virtual_environment` is Metaflow's id of the packages that
    `@conda` or `@pypi` request.
    """

    name: str
    type: StepType
    place: Place
    follows: tuple[str, ...]
    leads_to: tuple[str, ...]
    doc: str = ""
    foreach_scope: tuple[str, ...] = ()
    joins: str | None = None
    repeats: bool = False  # it may be its own successor
    parallel: bool = False  # it is a gang of tasks that run at the same time
    retries: Retries = Retries()
    timeout_seconds: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    pod: dict[str, Any] = field(default_factory=dict)
    added_decorators: tuple[str, ...] = ()  # by --with, in Metaflow's notation
    own_compute: tuple[str, ...] = ()
    decorators: tuple[Decorator, ...] = ()
    virtual_environment: str | None = None


class ParameterType(Enum):
    """The type of a parameter; the values are JSON schema's names.

    A type that the flow defines makes its values from strings, so its parameters are strings, too.
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

    `default` is None if there is none, or if only the flow itself can make it: a file, or an object that
    JSON cannot express. `choices` are all the values that it may have, if they are known. `click_options`
    are the options that make it take no value, or several. `missing_file` is a default that cannot be read.
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

    `parameters` maps parameters of the flow to the fields of the event's payload that set them. `of_flow`:
    the event is the success of another compiled flow.
    """

    name: str
    parameters: dict[str, str] = field(default_factory=dict)
    of_flow: bool = False


@dataclass(frozen=True, slots=True)
class Sensor:
    """Something outside the flow to wait for before the first step.

    `decorator` is the name of Metaflow's decorator, `arguments` are its arguments by their names, without
    its `name` for the task in Airflow.
    """

    decorator: str
    arguments: dict[str, Any]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ExitHooks:
    """The functions to call after a run, by name or import path."""

    on_success: tuple[str, ...] = ()
    on_error: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowModel:
    """A flow; its steps are in the order of their definition."""

    name: str
    file: str
    doc: str
    steps: tuple[Step, ...]
    first_step: str
    parameters: tuple[FlowParameter, ...] = ()
    schedule: Schedule | None = None
    events: tuple[Event, ...] = ()  # all of them must have happened
    event_options: tuple[str, ...] = ()  # of the decorators for events and hooks, in Python
    sensors: tuple[Sensor, ...] = ()
    success_event: str = ""  # the event of the flow's own success
    exit_hooks: ExitHooks | None = None
    decorators: tuple[Decorator, ...] = ()
    command_options: tuple[str, ...] = ()  # that only Metaflow's own scheduler would pass to the steps
    environment: str = "local"
    datastore: str = "s3"

    def step(self, name: str) -> Step:
        """Return the step of that name."""
        return next(step for step in self.steps if step.name == name)

    def event_parameters(self) -> dict[str, dict[str, str]]:
        """Return the fields of the events' payloads that set parameters, by event and parameter."""
        return {event.name: event.parameters for event in self.events if event.parameters}
