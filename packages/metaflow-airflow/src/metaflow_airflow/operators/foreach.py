"""A foreach of a flow: a mapped task group whose tasks each know the path of indices that leads to them."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Context, TaskGroup, TriggerRule
from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput
from airflow.sdk.definitions.taskgroup import MappedTaskGroup

if TYPE_CHECKING:
    from metaflow_airflow.operators.inputs import Path
    from metaflow_airflow.operators.step import StepOperator


class Foreach(MappedTaskGroup):
    """A group of steps that runs once for each split of a foreach step.

    A foreach inside a foreach is flattened, because Airflow maps no group inside a mapped group: a small task
    lists the index paths of all inner splits, and the group runs once for each of them.

    :param group_id: the group's id
    :param over: the foreach step; if it is itself in a group, the group runs for the splits of all its tasks
    """

    def __init__(self, group_id: str, *, over: "StepOperator") -> None:
        lister = over.paths_task()
        super().__init__(group_id=group_id, expand_input=DictOfListsExpandInput({"split": lister.output}))
        # Not an attrs field: the base class has slots of its own and no others are compared or copied.
        self.over = over
        self.paths_task_id = lister.task_id


def enclosing_foreach(group: TaskGroup | None) -> Foreach | None:
    """Return the foreach group around a task, given the task's own group."""
    while group is not None and not isinstance(group, Foreach):
        group = group.parent_group
    return group


class SplitsOperator(BaseOperator):
    """Lists the splits of all tasks of a foreach step that is itself inside a foreach.

    :param foreach: the foreach step's task id in Airflow
    """

    ui_color = "#f4f2fa"

    def __init__(self, *, foreach: str, **kwargs: Any) -> None:
        super().__init__(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, **kwargs)
        self.foreach = foreach

    def execute(self, context: Context) -> "list[Path]":
        """Return the index paths of the splits, in order."""
        return sorted(path for paths in context["ti"].xcom_pull(task_ids=[self.foreach]) for path in paths)
