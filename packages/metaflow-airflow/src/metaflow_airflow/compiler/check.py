"""Check: everything that Airflow cannot run is found at once, each with its place and a remedy."""

from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.errors import UnsupportedFlow
from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.rules.rule import OPTION_RULES, RULES, START_RULES


def check_flow(flow: FlowModel, deployment: Deployment) -> None:
    """Raise UnsupportedFlow with all problems of the flow and the command's options, if there are any.

    What would start a flow does not matter for a task group.
    """
    rules = RULES if deployment.task_group else [*RULES, *START_RULES]
    problems = [problem for rule in rules for problem in rule(flow)]
    problems += [problem for rule in OPTION_RULES for problem in rule(deployment)]
    if problems:
        raise UnsupportedFlow("\n" + "\n".join(f"    {problem}" for problem in problems))
