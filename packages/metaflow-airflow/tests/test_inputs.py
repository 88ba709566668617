"""The paths of a task's inputs follow from the graph and the task's own place in it."""

import pytest
from metaflow_airflow.operators.inputs import StepInput, input_paths


@pytest.mark.parametrize(
    ("inputs", "path", "splits", "expected"),
    [
        pytest.param([StepInput("a")], [], {}, ("a/a",), id="linear"),
        pytest.param([StepInput("a"), StepInput("b")], [], {}, ("a/a", "b/b"), id="join of branches"),
        pytest.param([StepInput("a", is_foreach=True)], [2], {}, ("a/a",), id="first step of a foreach"),
        pytest.param([StepInput("a")], [2], {}, ("a/a-2",), id="inside a foreach"),
        pytest.param(
            [StepInput("a", splits_of="g.s")],
            [],
            {"g.s": [[0], [1]]},
            ("a/a-0", "a/a-1"),
            id="join of a foreach",
        ),
        pytest.param([StepInput("a", is_foreach=True)], [2, 0], {}, ("a/a-2",), id="foreach in a foreach"),
        pytest.param(
            [StepInput("a", splits_of="s")],
            [4],
            {"s": [[4, 0], [4, 1]]},
            ("a/a-4-0", "a/a-4-1"),
            id="join of an inner foreach",
        ),
    ],
)
def test_input_paths(inputs, path, splits, expected):
    assert input_paths(inputs, path, splits) == expected
