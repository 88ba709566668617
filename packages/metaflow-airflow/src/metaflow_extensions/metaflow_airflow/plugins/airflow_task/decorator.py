"""The step decorator that links a Metaflow task to its Airflow task instance."""

import json
import os
from pathlib import Path
from typing import Any

from metaflow import current
from metaflow.decorators import StepDecorator
from metaflow.events import Trigger
from metaflow.exception import MetaflowException
from metaflow.metadata_provider import MetaDatum
from metaflow.unbounded_foreach import UBF_CONTROL, UBF_TASK
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import RESULT_VARIABLE, StepResult
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import read_task


class StepEndedEarly(MetaflowException):
    """A step returned, but did not continue to the next step."""

    headline = "The step ended before self.next"


class AirflowInternalDecorator(StepDecorator):
    """Records the Airflow task in Metaflow's metadata, and passes the step's result to Airflow."""

    name = "airflow_internal"
    _ubf_context: str | None = None
    _datastore: Any = None  # of the flow

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
        """Register the Airflow task as metadata, and make the run's triggers available to the step."""
        self._ubf_context, self._datastore = ubf_context, task_datastore.parent_datastore
        tags = [f"attempt_id:{retry_count}"]
        task = read_task()
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
        complete = is_task_ok and transition_taken(flow, graph[step_name])
        # Of a gang's tasks, only the control task is the step's process.
        if complete and self._ubf_context != UBF_TASK:
            Path(os.environ[RESULT_VARIABLE]).write_text(step_result(flow, graph[step_name]).to_json())

    def _check_gang(self, step_name: str, workers: list[str], attempt: int) -> None:
        """Check that each worker of a gang is complete; the exit codes of their processes do not say so.

        Raises:
            StepEndedEarly: If one is not.
        """
        for pathspec in workers:
            store = self._datastore.get_task_datastore(
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


def step_result(flow: Any, node: Any) -> StepResult:
    """Return what only the finished step knows about the steps that follow it."""
    if node.parallel_step:
        return StepResult(gang=len(flow._control_mapper_tasks))
    if node.type == "split-switch":
        return StepResult(next=flow._transition[0][0], task=current.task_id)
    if node.type == "foreach" and not node.parallel_foreach:
        return StepResult(splits=flow._foreach_num_splits)
    return StepResult()
