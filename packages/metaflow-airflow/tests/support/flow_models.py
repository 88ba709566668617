"""Small flow models for the compiler's tests."""

from typing import Any

from metaflow_airflow.compiler.flow_model import FlowModel, Place, Step, StepType


def flow_of(*steps: Step, **changes: Any) -> FlowModel:
    """Return a flow of these steps."""
    return FlowModel("F", "f.py", "", tuple(steps), steps[0].name if steps else "start", **changes)


def step_of(name: str = "start", kind: StepType = StepType.LINEAR, **changes: Any) -> Step:
    """Return a step that nothing follows unless `changes` say otherwise."""
    return Step(name, kind, Place("f.py", 7), **({"follows": (), "leads_to": ()} | changes))


def only_problem(rule: Any, flow: FlowModel) -> str:
    """Return the only problem that a rule finds, as the user reads it."""
    (problem,) = rule(flow)
    assert problem.remedy
    return str(problem)
