"""Plan a step: the arguments of its operator, those that differ from the operator's defaults."""

from typing import Any

from metaflow_airflow.compiler.conditions import runs_without_some_input
from metaflow_airflow.compiler.dag_model import Call, Variable
from metaflow_airflow.compiler.flow_model import FlowModel, Retries, Step, StepType
from metaflow_airflow.compiler.plan_values import duration, kubernetes_quantities

# The step's own alarm ends it, so that @catch can handle it; Airflow's timeout is for a process that does not
# react, and leaves time to start it.
TIMEOUT_GRACE_SECONDS = 60


def step_arguments(
    flow: FlowModel, step: Step, inputs: list[Variable], sensors: list[Variable], *, task_group: bool
) -> dict[str, Any]:
    """Return the arguments of a step's operator, in the order in which the file lists them."""
    arguments = {
        "task_id": step.name,
        "inputs": inputs,
        "wait_for": sensors,
        "trigger_rule": "none_failed_min_one_success" if runs_without_some_input(flow, step) else None,
        "foreach": step.type is StepType.FOREACH,
        "switch": step.type is StepType.SWITCH,
        "parallel": step.parallel,
        **_retry_arguments(step.retries),
        "execution_timeout": _execution_timeout(step),
        "compute": kubernetes_quantities(step.resources),
        "pod": step.pod,
        "env": step.environment,
        "virtual_environment": step.virtual_environment,
        "decorators": list(step.added_decorators),
        **({} if step.follows else _first_step_arguments(flow, task_group)),
        **({} if step.leads_to else _last_step_arguments(flow)),
        "doc_md": step.doc,
    }
    always = "user_code_retries"  # 0 is not its default
    return {name: value for name, value in arguments.items() if value or name == always}


def _retry_arguments(retries: Retries) -> dict[str, Any]:
    if not retries.total:
        return {}
    arguments: dict[str, Any] = {"retries": retries.total}
    if retries.user_code != retries.total:
        arguments["user_code_retries"] = retries.user_code
    # Without @retry there is nothing to wait for: @catch's attempts only record that the step failed.
    arguments["retry_delay"] = duration(round((retries.minutes_between or 0) * 60))
    return arguments


def _execution_timeout(step: Step) -> Call | None:
    """Return Airflow's timeout; none for a step that repeats, whose timeout is for each repetition."""
    if step.timeout_seconds is None or step.repeats:
        return None
    return duration(step.timeout_seconds + TIMEOUT_GRACE_SECONDS)


def _first_step_arguments(flow: FlowModel, task_group: bool) -> dict[str, Any]:
    """Return where the parameters' values come from, besides the DAG run's configuration."""
    if not task_group:
        return {"event_parameters": flow.event_parameters()}
    return {"parameters": Variable("parameters")} if flow.parameters else {}


def _last_step_arguments(flow: FlowModel) -> dict[str, Any]:
    return {"outlets": [Call("Asset", (flow.success_event,))]} if flow.success_event else {}
