"""The step decorator that ties a Metaflow task to its Airflow task instance."""

import json
import os
from pathlib import Path
from typing import Any

from metaflow import current
from metaflow.decorators import StepDecorator
from metaflow.events import Trigger
from metaflow.metadata_provider import MetaDatum
from metaflow.unbounded_foreach import UBF_TASK
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import RESULT_VARIABLE
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import read_task


class AirflowInternalDecorator(StepDecorator):
    """Record the Airflow task in Metaflow's metadata, and for Airflow where the step goes on."""

    name = "airflow_internal"
    _is_worker = False  # in a gang, not its control task

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
        """Register where in Airflow this task comes from, and tell the step what started its run."""
        self._is_worker = ubf_context == UBF_TASK
        tags = [f"attempt_id:{retry_count}"]
        task = read_task()
        entries = dict(task.origin)
        if task.triggers:
            current._update_env({"trigger": Trigger(list(task.triggers))})
            if step_name == graph.start_step:  # where Metaflow's client looks for it
                entries["execution-triggers"] = json.dumps(task.triggers)
        metadata.register_metadata(
            run_id,
            step_name,
            task_id,
            [MetaDatum(field=name, value=value, type=name, tags=tags) for name, value in entries.items()],
        )

    def task_finished(self, step_name: str, flow: Any, graph: Any, is_task_ok: bool, *args: Any) -> None:
        """Leave what the steps after this one must know where the operator looks for it."""
        if is_task_ok and not self._is_worker and (result := step_result(flow, graph[step_name])):
            Path(os.environ[RESULT_VARIABLE]).write_text(json.dumps(result))


def step_result(flow: Any, node: Any) -> dict[str, Any]:
    """Return where a finished step goes on, as far as only it can say."""
    if node.parallel_step:
        return {"gang": len(flow._control_mapper_tasks)}
    if node.type == "split-switch":
        return {"next": flow._transition[0][0], "task": current.task_id}
    if node.type == "foreach" and not node.parallel_foreach:
        return {"splits": flow._foreach_num_splits}
    return {}
