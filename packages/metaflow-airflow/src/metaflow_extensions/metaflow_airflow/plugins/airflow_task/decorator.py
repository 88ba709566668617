"""The step decorator that links a Metaflow task to its Airflow task instance."""

import json
import os
from pathlib import Path
from typing import Any

from metaflow import current
from metaflow.decorators import StepDecorator
from metaflow.events import Trigger
from metaflow.metadata_provider import MetaDatum
from metaflow.unbounded_foreach import UBF_TASK
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import RESULT_VARIABLE, StepResult
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import read_task


class AirflowInternalDecorator(StepDecorator):
    """Records the Airflow task in Metaflow's metadata, and passes the step's result to Airflow."""

    name = "airflow_internal"
    _is_worker = False  # a task of a gang other than its control task

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
        self._is_worker = ubf_context == UBF_TASK
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

    def task_finished(self, step_name: str, flow: Any, graph: Any, is_task_ok: bool, *args: Any) -> None:
        """Write the result that the following steps need to the file that the runner reads."""
        if is_task_ok and not self._is_worker:
            result = step_result(flow, graph[step_name])
            Path(os.environ[RESULT_VARIABLE]).write_text(result.to_json())


def step_result(flow: Any, node: Any) -> StepResult:
    """Return what only the finished step knows about the steps that follow it."""
    if node.parallel_step:
        return StepResult(gang=len(flow._control_mapper_tasks))
    if node.type == "split-switch":
        return StepResult(next=flow._transition[0][0], task=current.task_id)
    if node.type == "foreach" and not node.parallel_foreach:
        return StepResult(splits=flow._foreach_num_splits)
    return StepResult()
