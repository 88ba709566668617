"""Check: everything in a flow that Airflow cannot run is found at once, each with its place and a remedy."""

from metaflow_airflow.compiler.errors import UnsupportedFlow
from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.rules.rule import RULES, START_RULES


def check_flow(flow: FlowModel, *, task_group: bool = False) -> None:
    """Raise UnsupportedFlow with all problems of the flow, if it has any.

    Args:
        flow: The flow to check.
        task_group: It becomes a task group, so what would start it does not matter.
    """
    rules = RULES if task_group else [*RULES, *START_RULES]
    problems = [problem for rule in rules for problem in rule(flow)]
    if problems:
        raise UnsupportedFlow("\n" + "\n".join(f"    {problem}" for problem in problems))
