"""What a rule is: a function that finds one kind of problem, registered by its decorator."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.flow_model import FlowModel, Step

# What Airflow adds to or subtracts from a date must not leave the calendar: its scheduler would stop.
LONGEST_SECONDS = 100 * 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a flow cannot be compiled."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}."


Rule = Callable[[FlowModel], Iterable[Problem]]
OptionRule = Callable[[Deployment], Iterable[Problem]]
RULES: list[Rule] = []
START_RULES: list[Rule] = []
OPTION_RULES: list[OptionRule] = []


def rule(function: Rule) -> Rule:
    """Register a rule for every flow."""
    RULES.append(function)
    return function


def start_rule(function: Rule) -> Rule:
    """Register a rule about what starts a flow; for a task group, the DAG around it decides that."""
    START_RULES.append(function)
    return function


def option_rule(function: OptionRule) -> OptionRule:
    """Register a rule about the options of `airflow create`."""
    OPTION_RULES.append(function)
    return function


def place_of(step: Step) -> str:
    """Return where a step is, for a message."""
    return f"step {step.name!r} ({step.place.file}:{step.place.line})"
