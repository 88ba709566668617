"""Plan nested foreach: blocks beside each other, because Airflow cannot map a group inside a mapped group."""

from collections.abc import Iterable
from dataclasses import dataclass

from metaflow_airflow.compiler.flow_model import FlowModel, Step, StepType


@dataclass(frozen=True, slots=True)
class Block:
    """Steps that are listed together; with `over` they run once for each split of that foreach step."""

    over: str | None
    steps: tuple[Step, ...]


def flatten_nested_foreach(flow: FlowModel) -> list[Block]:
    """Return the flow's steps in reading order, in blocks that each belong to one foreach at most.

    An inner foreach divides the block around it in two: the steps before and beside the inner foreach,
    then, after the inner foreach's own blocks, the steps that wait for its join.
    """
    return _blocks(flow, flow.first_step, scope=(), listed=set())


def _blocks(flow: FlowModel, first: str, scope: tuple[str, ...], listed: set[str]) -> list[Block]:
    """Return the blocks from a step to the end of its foreach scope, and add their steps to `listed`."""
    blocks, steps = list[Block](), list[Step]()
    ready, inner = [first], list[Step]()
    while ready or inner:
        # Inside a scope, the steps that do not wait for an inner foreach are listed before it.
        if inner and not (scope and ready):
            blocks += _block(scope, steps)
            for foreach in inner:
                blocks += _blocks(flow, foreach.leads_to[0], (*scope, foreach.name), listed)
            ready += _ready(flow, _joins_of(flow, inner), scope, listed)
            steps, inner = [], []
            continue
        step = flow.step(ready.pop())
        listed.add(step.name)
        steps.append(step)
        if step.type is StepType.FOREACH:
            inner.append(step)
        else:
            ready += _ready(flow, step.leads_to, scope, listed)
    return blocks + _block(scope, steps)


def _block(scope: tuple[str, ...], steps: list[Step]) -> list[Block]:
    return [Block(scope[-1] if scope else None, tuple(steps))] if steps else []


def _ready(flow: FlowModel, names: Iterable[str], scope: tuple[str, ...], listed: set[str]) -> list[str]:
    """Return those steps of a scope whose inputs are all listed; the last is the next to be listed."""
    steps = [flow.step(name) for name in reversed(list(names))]
    return [step.name for step in steps if step.foreach_scope == scope and listed.issuperset(step.follows)]


def _joins_of(flow: FlowModel, foreachs: list[Step]) -> list[str]:
    names = {foreach.name for foreach in foreachs}
    return [step.name for step in flow.steps if step.joins in names]
