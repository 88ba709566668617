"""Read: what starts a flow and what follows its end, from Metaflow's decorators."""

from collections.abc import Iterator
from typing import Any

from metaflow import current
from metaflow.exception import MetaflowException

from metaflow_airflow.compiler.flow_model import Event, ExitHooks


class IncompleteProject(MetaflowException):
    """A flow to wait for, of which only the project or only the branch is known."""

    headline = "Incomplete project"


def success_event(flow_name: str) -> str:
    """Return the event of a flow's success, named as on Metaflow's other schedulers."""
    return f"metaflow.{current.get('project_flow_name') or flow_name}.end"


def read_events(flow: Any) -> tuple[Event, ...]:
    """Return what starts a flow: the events of its `@trigger` and the flows of its `@trigger_on_finish`."""
    return (*_named_events(flow), *_finished_flows(flow))


def read_event_options(flow: Any) -> tuple[str, ...]:
    """Return the names of the options that `@trigger`, `@trigger_on_finish` and `@exit_hook` were given."""
    names = ("trigger", "trigger_on_finish", "exit_hook")
    return tuple(
        f"@{decorator.name}(options={{{option!r}: …}})"
        for name in names
        for decorator in flow._flow_decorators.get(name) or []
        for option in decorator.attributes["options"] or {}
    )


def read_exit_hooks(flow: Any) -> ExitHooks | None:
    """Return the functions to call when a run has ended, None if there are none."""
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
        written = {name.lower(): name for name in names}  # Metaflow has no regard to case
        mappings = [dict(event.get("parameters") or {}) for event in decorator.triggers]
        # As on Argo Workflows: the fields of a single event are the parameters of the same names.
        if mappings == [{}]:
            mappings = [dict(zip(names, names, strict=True))]
        for event, mapping in zip(decorator.triggers, mappings, strict=True):
            parameters = {written.get(str(name).lower(), str(name)): field for name, field in mapping.items()}
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
