"""A foreach inside a foreach becomes blocks beside each other, in an order in which all inputs come first."""

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.flow_model import StepType
from metaflow_airflow.compiler.plan_nested_foreach import Block, flatten_nested_foreach

# The flow that the docstring of `plan_body` draws.
DRAWN = flow_of(
    step_of("start", StepType.FOREACH, leads_to=("letter",)),
    step_of(
        "letter",
        StepType.SPLIT,
        follows=("start",),
        leads_to=("choose", "side"),
        foreach_scope=("start",),
    ),
    step_of("choose", StepType.FOREACH, follows=("letter",), leads_to=("number",), foreach_scope=("start",)),
    step_of("number", follows=("choose",), leads_to=("numbers",), foreach_scope=("start", "choose")),
    step_of(
        "numbers",
        StepType.JOIN,
        follows=("number",),
        leads_to=("both",),
        joins="choose",
        foreach_scope=("start",),
    ),
    step_of("side", follows=("letter",), leads_to=("both",), foreach_scope=("start",)),
    step_of(
        "both",
        StepType.JOIN,
        follows=("numbers", "side"),
        leads_to=("all_letters",),
        joins="letter",
        foreach_scope=("start",),
    ),
    step_of("all_letters", StepType.JOIN, follows=("both",), leads_to=("end",), joins="start"),
    step_of("end", StepType.END, follows=("all_letters",)),
)


def shape(blocks: list[Block]) -> list[tuple[str | None, list[str]]]:
    return [(block.over, [step.name for step in block.steps]) for block in blocks]


def test_blocks_are_those_of_the_drawing():
    assert shape(flatten_nested_foreach(DRAWN)) == [
        (None, ["start"]),
        ("start", ["letter", "choose", "side"]),
        ("choose", ["number"]),
        ("start", ["numbers", "both"]),
        (None, ["all_letters", "end"]),
    ]


def test_a_flow_without_foreach_is_one_block():
    first, last = step_of("start", leads_to=("end",)), step_of("end", StepType.END, follows=("start",))
    assert shape(flatten_nested_foreach(flow_of(first, last))) == [(None, ["start", "end"])]


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_every_depth_of_nesting_has_blocks_of_its_own(depth):
    splits = [f"split_{level}" for level in range(depth)]
    joins = [f"join_{level}" for level in reversed(range(depth))]
    names = [*splits, "work", *joins]
    scopes = [splits[:level] for level in [*range(depth + 1), *reversed(range(depth))]]
    steps = [
        step_of(
            name,
            StepType.FOREACH if name in splits else StepType.JOIN if name in joins else StepType.LINEAR,
            follows=tuple(names[index - 1 : index]),
            leads_to=tuple(names[index + 1 : index + 2]),
            foreach_scope=tuple(scopes[index]),
            joins=f"split_{name.rpartition('_')[2]}" if name in joins else None,
        )
        for index, name in enumerate(names)
    ]
    blocks = shape(flatten_nested_foreach(flow_of(*steps)))
    assert blocks == [
        (scopes[index][-1] if scopes[index] else None, [name]) for index, name in enumerate(names)
    ]
