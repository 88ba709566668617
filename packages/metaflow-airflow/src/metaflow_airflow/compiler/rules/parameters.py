"""Rules about parameters."""

from collections.abc import Iterator

from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.rules.rule import Problem, rule, start_rule


@rule
def parameter_names(flow: FlowModel) -> Iterator[Problem]:
    """Metaflow ignores the case of parameter names."""
    seen: dict[str, str] = {}
    for parameter in flow.parameters:
        other = seen.setdefault(parameter.name.lower(), parameter.name)
        if other is not parameter.name:
            yield Problem(
                f"parameter {parameter.name!r}",
                f"its name differs from {other!r} only in case",
                "rename one of them",
            )


@rule
def single_values(flow: FlowModel) -> Iterator[Problem]:
    """A run's configuration in Airflow has one value for each parameter."""
    for parameter in flow.parameters:
        if parameter.click_options:
            yield Problem(
                f"parameter {parameter.name!r}",
                f"an option with {' and '.join(parameter.click_options)}= is not supported",
                "give it the type JSONType or a separator",
            )


@rule
def included_files(flow: FlowModel) -> Iterator[Problem]:
    """The default of an IncludeFile is read when the flow is compiled."""
    for parameter in flow.parameters:
        if parameter.missing_file is not None:
            yield Problem(
                f"parameter {parameter.name!r}",
                f"there is no readable file {parameter.missing_file!r}",
                "name a file that can be read from the current directory",
            )


@start_rule
def required_parameters(flow: FlowModel) -> Iterator[Problem]:
    """A run that starts by itself has nobody to ask for a value."""
    mapped = {name.lower() for event in flow.events for name in event.parameters}
    for parameter in flow.parameters:
        given = not flow.schedule and parameter.name.lower() in mapped
        if (flow.schedule or flow.events) and parameter.required and parameter.default is None and not given:
            how = "a scheduled run" if flow.schedule else "a run started by an event"
            yield Problem(
                f"parameter {parameter.name!r}",
                f"it is required, but {how} has no value for it",
                "give it a default" if flow.schedule else "give it a default or a field of the event",
            )
