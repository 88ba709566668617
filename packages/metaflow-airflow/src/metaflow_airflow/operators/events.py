"""The events that started a DAG run, and what they say about the flow's parameters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Asset, AssetAll, Context
from airflow.sdk.definitions.asset import AssetNameRef, AssetUriRef

from metaflow_airflow.operators.parameters import checked_value

FLOW_EVENT_FIELDS = {"pathspec", "step_name", "task_id"}  # of what `success_payload` returns


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that has happened: the asset's name or address, Airflow's number of it, Unix time, payload."""

    name: str
    number: int
    timestamp: int
    payload: dict[str, Any]

    def trigger(self) -> dict[str, Any]:
        """Return the event as Metaflow describes a trigger; the success of a flow leads to its run."""
        if self.payload.keys() >= FLOW_EVENT_FIELDS:
            names = (self.payload[name] for name in ("pathspec", "step_name", "task_id"))
            kind, identity = "run", "/".join(map(str, names))
        else:
            kind, identity = "event", str(self.payload.get("id", self.number))
        return {"timestamp": self.timestamp, "id": identity, "name": self.name, "type": kind}


def success_payload(flow: str, run_id: str, step: str, task_id: str) -> dict[str, str]:
    """Return what the event of a flow's success says; `step` and `task_id` are those of its last task."""
    return {
        "pathspec": f"{flow}/{run_id}",
        "flow_name": flow,
        "run_id": run_id,
        "step_name": step,
        "task_id": task_id,
    }


def triggering_events(context: Context) -> tuple[Happened, ...]:
    """Return the latest event of each asset that the DAG run was waiting for, the newest first.

    It is asked for by asset, because Airflow tells a DAG run nothing of events that its schedule only
    refers to (`Asset.ref`). The same for every try, as no event after the run's start counts.
    """
    dag_run = context["dag_run"]
    if dag_run.run_type != "asset_triggered":
        return ()
    # Not at module level: this brings the whole of the task's side of Airflow.
    from airflow.sdk.execution_time.context import InletEventsAccessor

    found = []
    for names in _asset_names(context["dag"].timetable.asset_condition):
        events = InletEventsAccessor(**names).before(dag_run.run_after.isoformat())
        for event in events.ascending(ascending=False).limit(1):
            name = next(iter(names.values()))
            found.append(Happened(name, event.id, int(event.timestamp.timestamp()), dict(event.extra or {})))
    return tuple(sorted(found, key=lambda each: each.number, reverse=True))


def event_values(
    mapping: dict[str, dict[str, str]], events: tuple[Happened, ...], params: Any
) -> dict[str, Any]:
    """Return the parameters that events set: `mapping` has the payload's fields by event, by parameter.

    `params` are the DAG's. A field that an event does not have leaves its parameter as it is.
    Raises ValueError when a value is not of the parameter's type.
    """
    return {
        name: checked_value(
            event.payload[field], params.get_param(name), f"field {field!r} of event {event.name!r}"
        )
        for event in events
        for name, field in mapping.get(event.name, {}).items()
        if field in event.payload
    }


def _asset_names(condition: Any) -> Iterator[dict[str, str]]:
    """Return the arguments that name each asset of a schedule to Airflow."""
    match condition:
        case AssetAll():
            for each in condition.objects:
                yield from _asset_names(each)
        case Asset():
            yield {"asset_name": condition.name, "asset_uri": condition.uri}
        case AssetUriRef():
            yield {"asset_uri": condition.uri}
        case AssetNameRef():
            yield {"asset_name": condition.name}
