"""What a rule is: a function that finds one kind of problem, registered by its decorator."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from metaflow_airflow.compiler.flow_model import FlowModel, Step


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a flow cannot be compiled."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}."


Rule = Callable[[FlowModel], Iterable[Problem]]
RULES: list[Rule] = []
START_RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Register a rule for every flow."""
    RULES.append(function)
    return function


def start_rule(function: Rule) -> Rule:
    """Register a rule about what starts a flow; for a task group, the DAG around it decides that."""
    START_RULES.append(function)
    return function


def place_of(step: Step) -> str:
    """Return where a step is, for a message."""
    return f"step {step.name!r} ({step.place.file}:{step.place.line})"
