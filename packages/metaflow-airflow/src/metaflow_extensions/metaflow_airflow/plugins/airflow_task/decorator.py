"""The step decorator that ties a Metaflow task to its Airflow task instance."""

import json
import os
from pathlib import Path
from typing import Any

from metaflow.decorators import StepDecorator
from metaflow.metadata_provider import MetaDatum
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import RESULT_VARIABLE
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import read_task


class AirflowInternalDecorator(StepDecorator):
    """Record the Airflow task in Metaflow's metadata, and the number of splits for Airflow."""

    name = "airflow_internal"

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
        *args: Any,
    ) -> None:
        """Register where in Airflow this task comes from."""
        tags = [f"attempt_id:{retry_count}"]
        origin = read_task().origin
        metadata.register_metadata(
            run_id,
            step_name,
            task_id,
            [MetaDatum(field=name, value=value, type=name, tags=tags) for name, value in origin.items()],
        )

    def task_finished(self, step_name: str, flow: Any, graph: Any, is_task_ok: bool, *args: Any) -> None:
        """Leave the number of splits where the operator looks for it."""
        if graph[step_name].type == "foreach":
            result = {"splits": flow._foreach_num_splits}
            Path(os.environ[RESULT_VARIABLE]).write_text(json.dumps(result))
