"""What conditional transitions mean for the steps after them: which may run although one before did not."""

from metaflow_airflow.compiler.flow_model import FlowModel, Step, StepType


def runs_without_some_input(flow: FlowModel, step: Step) -> bool:
    """Return whether a step can run although a step that it follows was not chosen."""
    for switch in flow.steps:
        if switch.type is not StepType.SWITCH:
            continue
        choices = [_reachable(flow, chosen) for chosen in switch.leads_to]
        conditional = frozenset[str]().union(*choices)
        for choice in choices:
            if step.name in choice and (conditional - choice).intersection(step.follows):
                return True
    return False


def _reachable(flow: FlowModel, first: str) -> frozenset[str]:
    """Return a step and all those that can follow it."""
    found, pending = set[str](), [first]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += flow.step(name).leads_to
    return frozenset(found)
