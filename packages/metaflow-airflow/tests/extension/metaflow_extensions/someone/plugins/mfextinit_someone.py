"""Registers decorators of an extension that metaflow-airflow does not know."""

STEP_DECORATORS_DESC = [
    ("noted", ".example_decorators.NotedDecorator"),
    ("elsewhere", ".example_decorators.ElsewhereDecorator"),
    ("queued", ".example_decorators.QueuedDecorator"),
]
FLOW_DECORATORS_DESC = [
    ("owned", ".example_decorators.OwnedDecorator"),
    ("planned", ".example_decorators.PlannedDecorator"),
]
