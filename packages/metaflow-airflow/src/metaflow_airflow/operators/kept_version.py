"""The version of a flow that a run keeps from its first step on, even if the flow is deployed again.

Airflow reads the DAG file anew for each task, so a task would otherwise run what is deployed when it starts.
"""

import json
from dataclasses import fields
from typing import Any, TypedDict

from airflow.sdk import Context, Variable

from metaflow_airflow.operators.flow import Flow

KEY = "flow_version"  # of the XCom
SHAPE = ("inputs", "foreach", "switch", "parallel")  # the settings of a step that describe the graph
STEP_SETTINGS = (
    *SHAPE[1:],
    *("user_code_retries", "compute", "pod", "env", "virtual_environment", "decorators"),
)
# Airflow's variable with the runs, as `<DAG id>/<run id>`, that use the latest version on purpose.
LATEST = "metaflow_latest_version"


class Version(TypedDict):
    """What a deployment consists of, as an XCom.

    `flow` has the attributes of the Flow; `tasks` has the settings of its tasks, by their ids in Airflow.
    """

    flow: dict[str, Any]
    tasks: dict[str, dict[str, Any]]


def version_of(flow: Flow, tasks: dict[str, dict[str, Any]]) -> Version:
    """Return a flow and the settings of its tasks as they come back from an XCom.

    :param flow: the flow
    :param tasks: by task id, the settings of its task
    """
    attributes = {each.name: getattr(flow, each.name) for each in fields(flow) if each.name != "params"}
    found: Version = json.loads(json.dumps({"flow": attributes, "tasks": tasks}))
    return found


def flow_of(version: Version, deployed: Flow) -> Flow:
    """Return the flow of a version.

    :param version: the version
    :param deployed: the flow that is deployed now
    """
    attributes = version["flow"]
    return Flow(**attributes | {"tags": tuple(attributes["tags"]), "params": deployed.params})


def kept_version(context: Context, deployed: Version) -> Version:
    """Return the version that the run started with, or what is deployed if there is a reason to prefer it.

    Reasons are: the run starts now; Airflow itself keeps the versions of DAG files, in a DAG bundle that has
    versions; or somebody asks for the latest version with Airflow's variable.

    :param context: Airflow's context of the task
    :param deployed: the version that is deployed now
    """
    instance: Any = context["ti"]
    bundle = getattr(instance, "bundle_instance", None)  # `airflow dags test` has none
    if bundle is not None and bundle.version is not None:
        return deployed
    for task_id in _first_and_last(deployed):
        found: Version | None = instance.xcom_pull(task_ids=task_id, key=KEY, map_indexes=-1)
        if found:
            return deployed if found != deployed and _latest_is_wanted(context) else found
    return deployed


def keep_version(context: Context, deployed: Version, kept: Version) -> None:
    """Save the version of the run for its other tasks, if the task is the first or the last step.

    Airflow deletes a task's XComs when it runs again, so there are two copies: if the whole run is cleared,
    the first step finds that of the last one.

    :param context: Airflow's context of the task
    :param deployed: the version that is deployed now
    :param kept: the version of the run
    """
    # Not at module level: this imports everything that Airflow needs to run a task.
    from airflow.sdk.execution_time.xcom import XCom

    instance = context["ti"]
    first, last = _first_and_last(deployed)
    owners = {first: (first, last), last: (last,)}.get(instance.task_id, ())
    for task_id in dict.fromkeys(owners):
        XCom.set(key=KEY, value=kept, dag_id=instance.dag_id, task_id=task_id, run_id=instance.run_id)


def run_name(context: Context) -> str:
    """Return how Airflow's variable names the run."""
    return f"{context['dag_run'].dag_id}/{context['dag_run'].run_id}"


def _latest_is_wanted(context: Context) -> bool:
    return run_name(context) in (Variable.get(LATEST, default=None) or "").split()


def _first_and_last(version: Version) -> tuple[str, str]:
    """Return the ids of the tasks of the first and the last step."""
    inputs = {name: task["inputs"] for name, task in version["tasks"].items() if "inputs" in task}
    followed = {name for names in inputs.values() for name, _ in names}
    return (
        next(name for name, names in inputs.items() if not names),
        next(name for name in inputs if name not in followed),
    )
