"""Decorators of an extension that metaflow-airflow does not know."""

STEP_DECORATORS_DESC = [
    ("noted", ".someone_s_decorators.NotedDecorator"),
    ("elsewhere", ".someone_s_decorators.ElsewhereDecorator"),
]
FLOW_DECORATORS_DESC = [("owned", ".someone_s_decorators.OwnedDecorator")]
