"""Plan: a FlowModel becomes a DagModel. Every decision about what Airflow should do is made here."""

import builtins
import keyword
import re
from typing import Any, Literal

from metaflow_airflow.compiler.dag_model import Call, DagModel, Foreach, Task, Variable
from metaflow_airflow.compiler.deployment import Deployment, SavedFiles, task_group_id
from metaflow_airflow.compiler.flow_model import Event, FlowModel
from metaflow_airflow.compiler.plan_body import plan_body
from metaflow_airflow.compiler.plan_values import duration, param

# Where the names in a compiled file come from.
MODULES = {
    "airflow.providers.amazon.aws.sensors.s3": ("S3KeySensor",),
    "airflow.providers.standard.sensors.external_task": ("ExternalTaskSensor",),
    "airflow.sdk": ("dag", "Asset", "AssetOrTimeSchedule", "CronTriggerTimetable", "Param", "task_group"),
    "metaflow_airflow.operators": ("Flow", "StepOperator", "Foreach", "ExitHookOperator"),
    "pendulum": ("datetime", "duration"),
}
# Names that the compiled file uses itself; no step's variable may have them.
FILE_NAMES = {"FLOW", "parameters"}.union(*MODULES.values())


def plan_dag(flow: FlowModel, saved: SavedFiles, deployment: Deployment) -> DagModel:
    """Return the DAG, or the task group, that runs the flow.

    A task group has neither the flow's schedule nor its events: the DAG around it decides when it runs.
    """
    function = _function_name(deployment.dag_id)
    body = plan_body(flow, FILE_NAMES | {function}, task_group=deployment.task_group)
    decorator: Literal["dag", "task_group"] = "task_group" if deployment.task_group else "dag"
    arguments = _group_arguments(deployment) if deployment.task_group else _dag_arguments(flow, deployment)
    flow_call = _flow_call(flow, saved, deployment)
    return DagModel(
        title=flow.name,
        doc=flow.doc,
        source=deployment.source,
        target=deployment.target,
        flow=flow_call,
        decorator=decorator,
        function=function,
        arguments=arguments,
        body=body,
        imports=_imports(decorator, [arguments, flow_call], body),
    )


def _flow_call(flow: FlowModel, saved: SavedFiles, deployment: Deployment) -> Call:
    keywords: dict[str, Any] = {"name": flow.name, "file": flow.file, "package": saved.package}
    if flow.environment != "local":
        keywords["environment"] = flow.environment
    if saved.included:
        keywords["included"] = saved.included
    if deployment.production_token is not None:
        keywords["production_token"] = deployment.production_token
    if deployment.branch is not None:
        keywords["branch"] = deployment.branch
    if deployment.tags:
        keywords["tags"] = deployment.tags
    if deployment.namespace is not None:
        keywords["namespace"] = deployment.namespace
    if deployment.task_group and flow.parameters:
        keywords["params"] = {each.name: param(each) for each in flow.parameters}
    return Call("Flow", keywords=keywords)


def _dag_arguments(flow: FlowModel, deployment: Deployment) -> dict[str, Any]:
    arguments: dict[str, Any] = {"dag_id": deployment.dag_id}
    arguments |= _schedule_arguments(flow)
    if deployment.workflow_timeout:
        arguments["dagrun_timeout"] = duration(deployment.workflow_timeout)
    if deployment.max_workers:
        arguments["max_active_tasks"] = deployment.max_workers
    if deployment.paused:
        arguments["is_paused_upon_creation"] = True
    if flow.parameters:
        starts_itself = bool(flow.events)
        arguments["params"] = {each.name: param(each, starts_itself) for each in flow.parameters}
    arguments["default_args"] = _default_arguments(deployment)
    arguments["tags"] = sorted({"metaflow", *deployment.tags})
    arguments["doc_md"] = Variable("__doc__")
    return arguments


def _group_arguments(deployment: Deployment) -> dict[str, Any]:
    return {
        "group_id": task_group_id(deployment.dag_id),
        "default_args": _default_arguments(deployment),
        "doc_md": Variable("__doc__"),
    }


def _default_arguments(deployment: Deployment) -> dict[str, Any]:
    pool = {"pool": deployment.worker_pool} if deployment.worker_pool else {}
    return {"flow": Variable("FLOW"), **pool}


def _schedule_arguments(flow: FlowModel) -> dict[str, Any]:
    assets, schedule = [_asset(event) for event in flow.events], flow.schedule
    if schedule is None:
        return {"schedule": assets} if assets else {}
    zone = schedule.timezone or "UTC"
    # Any fixed day in the past will do: it sets the schedule's time zone, and it must not change.
    start = Call("datetime", (2026, 1, 1), {"tz": zone})
    if not assets:
        return {"schedule": schedule.cron, "start_date": start}
    timetable = Call("CronTriggerTimetable", (schedule.cron,), {"timezone": zone})
    both = Call("AssetOrTimeSchedule", keywords={"assets": assets, "timetable": timetable})
    return {"schedule": both, "start_date": start}


def _asset(event: Event) -> Call:
    """Return the asset of an event.

    An asset of another team's DAG is only referred to: if it were declared here too, with another address,
    Airflow would keep only one of the two active.
    """
    if event.of_flow:
        return Call("Asset", (event.name,))
    return Call("Asset.ref", keywords={"uri" if "://" in event.name else "name": event.name})


def _function_name(dag_id: str) -> str:
    """Return the name of the DAG's function: its id in snake case, unless Python or the file uses that."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", dag_id).lower()
    name = re.sub(r"[^a-z0-9_]", "_", words)
    taken = FILE_NAMES.union(dir(builtins), keyword.kwlist)
    return name if name.isidentifier() and name not in taken else f"dag_{name}"


def _imports(
    decorator: str, arguments: list[Any], body: tuple[Task | Foreach, ...]
) -> dict[str, tuple[str, ...]]:
    """Return the names that a compiled file imports, sorted, by module."""
    used = {decorator}
    if any(isinstance(item, Foreach) for item in body):
        used.add("Foreach")
    tasks = [task for item in body for task in (item.body if isinstance(item, Foreach) else (item,))]
    used |= {task.operator for task in tasks}
    used |= _called([*arguments, *(task.arguments for task in tasks)])
    found = {module: tuple(sorted(used.intersection(names))) for module, names in MODULES.items()}
    return {module: names for module, names in found.items() if names}


def _called(value: Any) -> set[str]:
    """Return the functions that are called anywhere in a value."""
    match value:
        case Call():
            inside = [*value.positional, *value.keywords.values()]
            return {value.function.partition(".")[0]}.union(*map(_called, inside))
        case dict():
            return set[str]().union(*map(_called, value.values()))
        case list() | tuple():
            return set[str]().union(*map(_called, value))
    return set()
