"""Read events: what starts a flow and what follows its end, from Metaflow's decorators."""

from collections.abc import Iterator
from typing import Any

from metaflow import current

from metaflow_airflow.compiler.errors import IncompleteProject
from metaflow_airflow.compiler.flow_model import Event, ExitHooks

# Of the dictionaries that describe an event or a flow.
KNOWN_KEYS = {"event": {"name", "parameters"}, "flow": {"name", "project", "project_branch"}}


def success_event(flow_name: str) -> str:
    """Return the name of the event of a flow's success, the same as on Metaflow's other schedulers."""
    return f"metaflow.{current.get('project_flow_name') or flow_name}.end"


def read_events(flow: Any) -> tuple[Event, ...]:
    """Return what starts a flow: the events of its `@trigger` and the flows of its `@trigger_on_finish`."""
    return (*_named_events(flow), *_finished_flows(flow))


def read_event_options(flow: Any) -> tuple[str, ...]:
    """Return the options of `@trigger`, `@trigger_on_finish` and `@exit_hook`, as written in Python."""
    names = ("trigger", "trigger_on_finish", "exit_hook")
    decorators = [decorator for name in names for decorator in flow._flow_decorators.get(name) or []]
    options = [
        f"@{decorator.name}(options={{{option!r}: …}})"
        for decorator in decorators
        for option in decorator.attributes["options"] or {}
    ]
    return (*options, *_unknown_keys(decorators))


def _unknown_keys(decorators: list[Any]) -> Iterator[str]:
    """Yield what the descriptions of events and flows contain that Metaflow does not know and ignores."""
    for decorator in decorators:
        for one, several in (("event", "events"), ("flow", "flows")):
            given = decorator.attributes.get(several) or []
            described = [decorator.attributes.get(one), *(given if isinstance(given, list | tuple) else [])]
            for each in described:
                for key in each.keys() - KNOWN_KEYS[one] if isinstance(each, dict) else ():
                    yield f"@{decorator.name}({one}={{{key!r}: …}})"


def read_exit_hooks(flow: Any) -> ExitHooks | None:
    """Return the functions to call after a run, None if there are none."""
    decorators = flow._flow_decorators.get("exit_hook") or []
    if not decorators:
        return None
    return ExitHooks(
        on_success=tuple(name for decorator in decorators for name in decorator.success_hooks),
        on_error=tuple(name for decorator in decorators for name in decorator.error_hooks),
    )


def _named_events(flow: Any) -> Iterator[Event]:
    for decorator in flow._flow_decorators.get("trigger") or []:
        decorator.format_deploytime_value()
        names = [str(each.name) for _, each in flow._get_parameters() if not each.IS_CONFIG_PARAMETER]
        names_by_lower_case = {name.lower(): name for name in names}  # Metaflow ignores case here
        mappings = [dict(event.get("parameters") or {}) for event in decorator.triggers]
        # As on Argo Workflows: the fields of a single event set the parameters of the same names.
        if mappings == [{}]:
            mappings = [{name: name for name in names}]
        for event, mapping in zip(decorator.triggers, mappings, strict=True):
            parameters = {
                names_by_lower_case.get(str(name).lower(), str(name)): field
                for name, field in mapping.items()
            }
            yield Event(str(event["name"]), parameters=parameters)


def _finished_flows(flow: Any) -> Iterator[Event]:
    for decorator in flow._flow_decorators.get("trigger_on_finish") or []:
        decorator.format_deploytime_value()
        for trigger in decorator.triggers:
            project = trigger.get("project") or current.get("project_name")
            branch = trigger.get("branch") or current.get("branch_name")
            if bool(project) != bool(branch):
                raise IncompleteProject(
                    f"@trigger_on_finish names only the {'project' if project else 'branch'} of flow "
                    f"{trigger['flow']!r}: give both 'project' and 'project_branch', or use @project."
                )
            name = ".".join([*([project, branch] if project else []), trigger["flow"]])
            yield Event(f"metaflow.{name}.end", of_flow=True)
