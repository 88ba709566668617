"""Plan values: parameters, resources and durations as Airflow and Kubernetes express them."""

import pytest
from metaflow_airflow.compiler.dag_model import Call
from metaflow_airflow.compiler.flow_model import FlowParameter, ParameterType
from metaflow_airflow.compiler.plan_values import duration, kubernetes_quantities, param


def test_resources_are_kubernetes_quantities():
    requested = {"cpu": "0.5", "memory": "8192.0", "gpu": 1, "disk": 2048, "shared_memory": 64}
    assert kubernetes_quantities(requested) == {
        "cpu": 0.5,
        "memory": "8192M",
        "gpu": 1,
        "disk": "2048M",
        "shared_memory": "64Mi",
    }


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (FlowParameter("p", ParameterType.INTEGER, 3), Call("Param", (3,), {"type": "integer"})),
        (
            FlowParameter("p", ParameterType.STRING, required=True),
            Call("Param", (), {"type": "string"}),
        ),
        (
            FlowParameter("p", ParameterType.STRING),
            Call("Param", (None,), {"type": ["null", "string"]}),
        ),
        (FlowParameter("p", ParameterType.JSON, {"a": 1}), Call("Param", ({"a": 1},), {})),
        (
            FlowParameter("p", ParameterType.FILE),
            Call("Param", (None,), {"type": ["null", "string"], "pattern": "^[{]"}),
        ),
        (
            FlowParameter("p", ParameterType.STRING, "a", choices=("a", "b")),
            Call("Param", ("a",), {"type": "string", "enum": ["a", "b"]}),
        ),
        (
            FlowParameter("p", ParameterType.STRING, choices=("a",)),
            Call("Param", (None,), {"type": ["null", "string"], "enum": ["a", None]}),
        ),
        (
            FlowParameter("p", ParameterType.BOOLEAN, default=False, help="Yes?"),
            Call("Param", (False,), {"type": "boolean", "description": "Yes?"}),
        ),
    ],
)
def test_parameters(parameter, expected):
    assert param(parameter) == expected


def test_a_required_parameter_has_a_default_where_events_start_the_flow():
    required = FlowParameter("p", ParameterType.STRING, required=True)
    assert param(required, starts_itself=True) == Call("Param", (None,), {"type": ["null", "string"]})


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, {"seconds": 0}),
        (90, {"seconds": 90}),
        (120, {"minutes": 2}),
        (7200, {"hours": 2}),
        (86400, {"days": 1}),
    ],
)
def test_a_duration_is_in_the_largest_unit_that_fits(seconds, expected):
    assert duration(seconds) == Call("duration", keywords=expected)
