"""The step decorator that links a Metaflow task to its Airflow task instance."""

import json
from dataclasses import replace
from typing import Any

from metaflow import current
from metaflow.decorators import StepDecorator
from metaflow.events import Trigger
from metaflow.exception import MetaflowException
from metaflow.metadata_provider import MetaDatum
from metaflow.unbounded_foreach import UBF_CONTROL, UBF_TASK
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import read_task, result_file
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.log_lines import cards_line, saved_line
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.notes import note
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.split_name import split_name


class StepEndedEarly(MetaflowException):
    """A step returned, but did not continue to the next step."""

    headline = "The step ended before self.next"


class AirflowInternalDecorator(StepDecorator):
    """Records the Airflow task in Metaflow's metadata, and passes the step's result to Airflow."""

    name = "airflow_internal"
    _ubf_context: str | None = None
    _datastore: Any = None  # of the task
    _inherited: dict[str, str]  # by artifact of the task's input, the key of its content
    _name: str | None = None

    def task_pre_step(
        self,
        step_name: str,
        task_datastore: Any,
        metadata: Any,
        run_id: str,
        task_id: str,
        flow: Any,
        graph: Any,
        retry_count: int,
        max_user_code_retries: int,
        ubf_context: str | None,
        *args: Any,
    ) -> None:
        """Register the Airflow task as metadata, and make the run's triggers available to the step.

        It also leaves the task's name for Airflow, in case the step fails.
        """
        self._inherited = dict(flow._datastore.items())
        self._ubf_context, self._datastore = ubf_context, task_datastore
        self._name = split_name(splits(flow, graph[step_name]))
        if self._name and ubf_context != UBF_TASK:
            self._leave(StepResult(complete=False))
        tags = [f"attempt_id:{retry_count}"]
        task = read_task()
        if any(each.name == "card" for each in getattr(flow, step_name).decorators):
            note(cards_line(task))
        entries = dict(task.origin)
        if task.triggers:
            current._update_env({"trigger": Trigger(list(task.triggers))})
            if step_name == graph.start_step:  # Metaflow's client looks for it there
                entries["execution-triggers"] = json.dumps(task.triggers)
        metadata.register_metadata(
            run_id,
            step_name,
            task_id,
            [MetaDatum(field=name, value=value, type=name, tags=tags) for name, value in entries.items()],
        )

    def task_post_step(self, step_name: str, flow: Any, graph: Any, retry_count: int, *args: Any) -> None:
        """Check that the step is complete, as Metaflow's own scheduler does after it.

        Raises:
            StepEndedEarly: If the step, or another task of its gang, did not reach `self.next`.
        """
        if not transition_taken(flow, graph[step_name]):
            raise StepEndedEarly(
                f"Step {step_name!r} returned before it called self.next: "
                "call self.next at the end of every path through the step."
            )
        if self._ubf_context == UBF_CONTROL:
            self._check_gang(step_name, flow._control_mapper_tasks[1:], retry_count)

    def task_finished(self, step_name: str, flow: Any, graph: Any, is_task_ok: bool, *args: Any) -> None:
        """Write the step's result to the file that the runner reads: a step without one has failed."""
        if self._datastore is not None:  # unless another decorator failed before the step
            note(saved_line(self._new_artifacts()))
        complete = is_task_ok and transition_taken(flow, graph[step_name])
        # Of a gang's tasks, only the control task is the step's process.
        if complete and self._ubf_context != UBF_TASK:
            self._leave(step_result(flow, graph[step_name]))

    def _new_artifacts(self) -> list[str]:
        """Return the names of the artifacts that the task did not take over unchanged from its input."""
        saved = self._datastore.items()
        return [name for name, key in saved if name[0] != "_" and self._inherited.get(name) != key]

    def _leave(self, result: StepResult) -> None:
        """Write a result, with the task's name, to the file that the runner reads."""
        result_file().write_text(replace(result, name=self._name).to_json())

    def _check_gang(self, step_name: str, workers: list[str], attempt: int) -> None:
        """Check that each worker of a gang is complete; the exit codes of their processes do not say so.

        Raises:
            StepEndedEarly: If one is not.
        """
        for pathspec in workers:
            store = self._datastore.parent_datastore.get_task_datastore(
                *pathspec.split("/"), attempt=attempt, allow_not_done=True
            )
            if not (store.has_metadata(store.METADATA_DONE_SUFFIX) and store["_task_ok"]):
                raise StepEndedEarly(
                    f"Task {pathspec!r} of the gang of step {step_name!r} exited with code 0 before that."
                )


def transition_taken(flow: Any, node: Any) -> bool:
    """Return whether the step continued as its code says: every step but the last calls `self.next`."""
    steps = flow._transition[0] if flow._transition else []
    if node.type == "split-switch":
        return len(steps) == 1 and steps[0] in node.out_funcs
    return bool(steps == node.out_funcs)


def splits(flow: Any, node: Any) -> list[Any]:
    """Return Metaflow's frames of the foreach steps around the step; a gang adds one that Airflow has not."""
    stack = list(flow._foreach_stack or ())
    return stack[:-1] if node.parallel_step else stack


def step_result(flow: Any, node: Any) -> StepResult:
    """Return what only the finished step knows about the steps that follow it."""
    if node.parallel_step:
        return StepResult(gang=len(flow._control_mapper_tasks))
    if node.type == "split-switch":
        return StepResult(next=flow._transition[0][0], task=current.task_id)
    if node.type == "foreach" and not node.parallel_foreach:
        return StepResult(splits=flow._foreach_num_splits)
    return StepResult()
