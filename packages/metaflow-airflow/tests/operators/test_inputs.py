"""The pathspecs of a task's inputs follow from the graph and the task's own index path."""

import pytest
from metaflow_airflow.operators.inputs import Relation, StepInput, Upstream, input_paths


def same(step="a", **more):
    return StepInput(step, f"g.{step}", **more)


def split(step="a"):
    return StepInput(step, step, Relation.SPLIT)


def join(step="a", **more):
    return StepInput(step, f"g.{step}", Relation.JOIN, splits_of="s", paths_of="all", **more)


ALL = {"paths": {"all": [[4, 0], [4, 1], [5, 0]]}, "splits": {"s": [[4, 0], [4, 1]]}}
CHOICE = {"next": "me", "task": "a.2"}


@pytest.mark.parametrize(
    ("inputs", "path", "upstream", "expected"),
    [
        pytest.param([same()], [], {}, ("a/a",), id="linear"),
        pytest.param([same(), same("b")], [], {}, ("a/a", "b/b"), id="join of branches"),
        pytest.param([split()], [2], {}, ("a/a",), id="first step of a foreach"),
        pytest.param([same()], [2], {"map_index": 2}, ("a/a-2",), id="inside a foreach"),
        pytest.param([split()], [2, 0], {"map_index": 7}, ("a/a-2",), id="foreach in a foreach"),
        pytest.param(
            [join()], [4], {"map_index": 1, **ALL}, ("a/a-4-0", "a/a-4-1"), id="join of an inner foreach"
        ),
        pytest.param(
            [join()], [6], {"splits": {"s": []}, "paths": {"all": []}}, (), id="a foreach that never ran"
        ),
        pytest.param(
            [same(), same("b")],
            [],
            {"states": {"g.a": "skipped", "g.b": "success"}},
            ("b/b",),
            id="one of two was skipped",
        ),
        pytest.param(
            [join(), join("b")],
            [4],
            {
                **ALL,
                "states": {"g.a_1": "success", "g.a_2": "success", "g.b_0": "success", "g.b_1": "skipped"},
            },
            ("b/b-4-0", "a/a-4-1"),
            id="each split took another branch",
        ),
        pytest.param(
            [same(switch=True)],
            [],
            {"returned": {"g.a": {-1: CHOICE}}},
            ("a/a.2",),
            id="chosen after some iterations",
        ),
        pytest.param(
            [same(switch=True)],
            [],
            {"returned": {"g.a": {-1: CHOICE | {"next": "other"}}}},
            (),
            id="another was chosen",
        ),
        pytest.param(
            [same(parallel=True)],
            [3],
            {"map_index": 3, "returned": {"g.a": {3: 3}}},
            ("a/a-3", "a/a-3_node_1", "a/a-3_node_2"),
            id="join of a gang",
        ),
    ],
)
def test_input_paths(inputs, path, upstream, expected):
    assert input_paths(tuple(inputs), "me", path, Upstream(**upstream)) == expected
