"""A foreach as a mapped task group; a nested foreach is flattened into index paths."""

from typing import Any, Protocol

from airflow.sdk import BaseOperator, Context, TaskGroup, TriggerRule
from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput
from airflow.sdk.definitions.taskgroup import MappedTaskGroup

from metaflow_airflow.operators.inputs import Path


class ForeachStep(Protocol):
    """The step that a foreach splits over, as far as its group needs to know it."""

    task_id: str

    def paths_task(self) -> BaseOperator:
        """Return the task that lists the index paths of all splits of the step."""


class Foreach(MappedTaskGroup):
    """A group of steps that runs once per split of a foreach step.

    Airflow cannot map a group inside a mapped group, so a nested foreach is flattened: a small task lists the
    index paths of all inner splits, and the group runs once per path.

    :param group_id: the group's id
    :param over: the foreach step; if the step is itself in a foreach group, this group runs for the splits of
        all its tasks
    """

    def __init__(self, group_id: str, *, over: ForeachStep) -> None:
        lister = over.paths_task()
        super().__init__(group_id=group_id, expand_input=DictOfListsExpandInput({"split": lister.output}))
        # Not attrs fields: the base class has slots, and copies or compares nothing else.
        self.over = over
        self.paths_task_id = lister.task_id


def enclosing_foreach(group: TaskGroup | None) -> Foreach | None:
    """Return the innermost foreach group around a task, given the task's own group."""
    while group is not None and not isinstance(group, Foreach):
        group = group.parent_group
    return group


class SplitsOperator(BaseOperator):
    """Lists the splits of all tasks of a nested foreach step.

    :param foreach: the foreach step's task id in Airflow
    """

    ui_color = "#f4f2fa"

    def __init__(self, *, foreach: str, **kwargs: Any) -> None:
        super().__init__(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, **kwargs)
        self.foreach = foreach

    def execute(self, context: Context) -> list[Path]:
        """Return the index paths of the splits, in order."""
        return sorted(path for paths in context["ti"].xcom_pull(task_ids=[self.foreach]) for path in paths)
