"""What a flow's graph means for its tasks: which can run although an input was skipped, which end last."""

from metaflow_airflow.compiler.flow_model import FlowModel, Step, StepType


def runs_without_some_input(flow: FlowModel, step: Step) -> bool:
    """Return whether a step can run although a step that it follows was not chosen by its switch."""
    for switch in flow.steps:
        if switch.type is not StepType.SWITCH:
            continue
        choices = [_reachable(flow, chosen) for chosen in switch.leads_to]
        conditional = frozenset[str]().union(*choices)
        for choice in choices:
            if step.name in choice and (conditional - choice).intersection(step.follows):
                return True
    return False


def steps_that_end_last(flow: FlowModel) -> list[str]:
    """Return steps that, together, end only when the whole flow has; the flow's last step comes last.

    The last step alone is not enough: a step with several inputs fails as soon as one of them fails, while
    the others still run.
    """
    names = dict.fromkeys(
        name
        for step in flow.steps
        if len(step.follows) > 1 or (step.joins and flow.step(step.joins).type is StepType.FOREACH)
        for name in step.follows
    )
    last = next(step.name for step in flow.steps if not step.leads_to)
    return [*(name for name in names if name != last), last]


def _reachable(flow: FlowModel, first: str) -> frozenset[str]:
    """Return a step and all those that can run after it."""
    found, pending = set[str](), [first]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += flow.step(name).leads_to
    return frozenset(found)
