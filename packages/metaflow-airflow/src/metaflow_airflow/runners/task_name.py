"""Shows in Airflow what a mapped task is for, instead of its number."""

from contextlib import suppress
from typing import Any, cast

from airflow.sdk import Context
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult

VARIABLE = "metaflow_split"  # of the template
TEMPLATE = "{{ metaflow_split }}"
# In a DAG with render_template_as_native_obj, Jinja turns a text such as `3` into an object, which Airflow up
# to 3.3 cannot take as a name; it leaves a text alone that begins with a space.
NATIVE_TEMPLATE = f" {TEMPLATE}"


def show_task_name(context: Context, left: str) -> None:
    """Have Airflow show a mapped task by its name, whether its step succeeded or failed.

    Airflow renders the template when the task has ended. Without a name it shows the task's number.

    Args:
        context: Airflow's context of the task.
        left: What the step's process left in its result file; anything if it failed.
    """
    name = None
    with suppress(ValueError, TypeError):  # for example, a message of Kubernetes about the pod
        name = StepResult.from_json(left).name
    instance = context["ti"]
    if not name or instance.map_index is None or instance.map_index < 0:
        return
    is_native = context["dag"].render_template_as_native_obj
    context["map_index_template"] = NATIVE_TEMPLATE if is_native else TEMPLATE
    cast("dict[str, Any]", context)[VARIABLE] = name
    instance.rendered_map_index = name  # after a timeout, Airflow renders no template
