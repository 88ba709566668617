"""The events that started a DAG run, and the flow's parameters that they set."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Asset, AssetAll, Context
from airflow.sdk.definitions.asset import AssetNameRef, AssetUriRef

from metaflow_airflow.operators.parameters import checked_value

FLOW_EVENT_FIELDS = {"pathspec", "step_name", "task_id"}  # a subset of the fields of `success_payload`


@dataclass(frozen=True, slots=True)
class TriggeringEvent:
    """An event that started a DAG run.

    :param name: the asset's name or URI
    :param number: Airflow's id of the event
    :param timestamp: Unix time
    :param payload: the event's extra
    """

    name: str
    number: int
    timestamp: int
    payload: dict[str, Any]

    def trigger(self) -> dict[str, Any]:
        """Return the event as Metaflow describes a trigger; a flow's success refers to its run."""
        if self.payload.keys() >= FLOW_EVENT_FIELDS:
            names = (self.payload[name] for name in ("pathspec", "step_name", "task_id"))
            kind, identity = "run", "/".join(map(str, names))
        else:
            kind, identity = "event", str(self.payload.get("id", self.number))
        return {"timestamp": self.timestamp, "id": identity, "name": self.name, "type": kind}


def success_payload(flow: str, run_id: str, step: str, task_id: str) -> dict[str, str]:
    """Return the payload of the event that announces a flow's success.

    :param flow: the flow's name
    :param run_id: the Metaflow run
    :param step: the flow's last step
    :param task_id: the task of that step
    """
    return {
        "pathspec": f"{flow}/{run_id}",
        "flow_name": flow,
        "run_id": run_id,
        "step_name": step,
        "task_id": task_id,
    }


def triggering_events(context: Context) -> tuple[TriggeringEvent, ...]:
    """Return the latest event of each asset that the DAG run was waiting for, newest first.

    The events are read by asset because Airflow does not pass a DAG run the events of assets that its
    schedule only refers to (`Asset.ref`). Every try gets the same events: those after the run's start do not
    count.
    """
    dag_run = context["dag_run"]
    if dag_run.run_type != "asset_triggered":
        return ()
    # Not at module level: this imports everything that Airflow needs to run a task.
    from airflow.sdk.execution_time.context import InletEventsAccessor

    found = []
    for names in _asset_names(context["dag"].timetable.asset_condition):
        events = InletEventsAccessor(**names).before(dag_run.run_after.isoformat())
        for event in events.ascending(ascending=False).limit(1):
            name = next(iter(names.values()))
            found.append(
                TriggeringEvent(name, event.id, int(event.timestamp.timestamp()), dict(event.extra or {}))
            )
    return tuple(sorted(found, key=lambda each: each.number, reverse=True))


def event_values(
    mapping: dict[str, dict[str, str]], events: tuple[TriggeringEvent, ...], params: Any
) -> dict[str, Any]:
    """Return the values of the parameters that events set.

    :param mapping: by event and by parameter, the field of the event's payload; a field that the payload does
        not have sets nothing
    :param events: the events that started the DAG run
    :param params: the DAG's params
    :raises ValueError: if a value does not have its parameter's type
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
    """Yield, for each asset of a schedule, the arguments that identify it to Airflow."""
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
