"""Rules about events: what starts a flow, and what follows its end."""

from collections.abc import Iterator

from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.rules.rule import Problem, rule, start_rule

LONGEST_ASSET_NAME = 1500  # characters; Airflow's limit


@start_rule
def event_names(flow: FlowModel) -> Iterator[Problem]:
    """An event is an asset in Airflow, so its name must be valid for an asset."""
    for event in flow.events:
        if not event.name.strip() or len(event.name) > LONGEST_ASSET_NAME or not event.name.isprintable():
            yield Problem(
                f"event {event.name[:40]!r}",
                "it cannot be the name of an Airflow asset",
                f"use 1 to {LONGEST_ASSET_NAME} printable characters",
            )


@start_rule
def event_parameters(flow: FlowModel) -> Iterator[Problem]:
    """Each parameter that an event sets exists, and is set by one event only."""
    known, seen = {parameter.name.lower() for parameter in flow.parameters}, set[str]()
    for event in flow.events:
        for name in event.parameters:
            if name.lower() not in known:
                yield Problem(
                    f"event {event.name!r}",
                    f"it sets {name!r}, which is not a parameter of the flow",
                    "name one of the flow's parameters",
                )
            elif name.lower() in seen:
                yield Problem(
                    f"event {event.name!r}",
                    f"it sets the parameter {name!r}, which is already set",
                    "set each parameter once",
                )
            seen.add(name.lower())


@rule
def event_options(flow: FlowModel) -> Iterator[Problem]:
    """Options of the event decorators belong to other schedulers; Airflow has none of them."""
    for option in flow.event_options:
        yield Problem(
            f"flow {flow.name} ({flow.file})", f"{option} has no counterpart in Airflow", "remove the option"
        )
