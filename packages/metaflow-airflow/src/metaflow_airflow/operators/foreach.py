"""A foreach as a mapped task group; a nested foreach is flattened into index paths."""

from typing import Any, Protocol

from airflow.providers.common.compat.sdk import AirflowFailException
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

    def path(self, instance: Any) -> Path:
        """Return the index path of a task instance in this group."""
        paths: list[Path] = instance.xcom_pull(task_ids=self.paths_task_id, map_indexes=-1)
        return paths[instance.map_index]


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
        """Return the index paths of the splits, in order.

        :raises AirflowFailException: if there are more than Airflow maps
        """
        found = sorted(path for paths in context["ti"].xcom_pull(task_ids=[self.foreach]) for path in paths)
        return require_mappable(self.foreach.rpartition(".")[2], found)


def require_mappable(step: str, paths: list[Path]) -> list[Path]:
    """Return the index paths of a foreach step's splits if Airflow can map a group over them.

    Airflow's own check comes after the task, whose work it would repeat at each retry.

    :param step: the name of the foreach step
    :param paths: the index paths of all splits
    :raises AirflowFailException: if there are too many
    """
    from airflow.providers.common.compat.sdk import conf

    limit = conf.getint("core", "max_map_length", fallback=1024)
    if len(paths) > limit:
        raise AirflowFailException(
            f"Step {step!r} succeeded, but splits into {len(paths):,} tasks, and Airflow maps at most "
            f"{limit:,}: set AIRFLOW__CORE__MAX_MAP_LENGTH to {len(paths)} or more on all parts of Airflow "
            "and clear this task, or let each split do more of the work."
        )
    return paths
