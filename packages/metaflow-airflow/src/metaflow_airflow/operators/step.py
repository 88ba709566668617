"""The operator that runs one step of a Metaflow flow, wherever Airflow's settings say that steps run."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask, task_id

from metaflow_airflow.operators.flow import Flow, metaflow_run_id
from metaflow_airflow.operators.inputs import Path, input_paths, step_inputs
from metaflow_airflow.operators.runner import Runner, StepRequest, configured_runner

MOST_ATTEMPTS = 6  # metaflow.metaflow_config.MAX_ATTEMPTS; not imported, Metaflow is heavy


class StepOperator(BaseOperator):
    """Runs one step of a Metaflow flow as one Metaflow task.

    :param flow: the flow; usually given once, in the DAG's `default_args`
    :param inputs: the steps, or mapped task groups of steps, that this step follows; also sets the edges
    :param foreach: the step splits the flow; its XCom is one index path per split, to expand a group over
    :param split: inside a mapped task group, the index path of this task
    :param user_code_retries: how many of the `retries` run the step's own code; the others, which `@catch`
        adds, only record the failure. All of them unless given
    :param compute: what the step asks for: `cpu` (cores), `memory`, `disk` (Kubernetes quantities), `gpu`
    :param env: environment variables of the step
    :param decorators: decorators that `--with` added when the flow was compiled
    """

    ui_color = "#e8e4f8"

    def __init__(
        self,
        *,
        flow: Flow,
        inputs: Sequence[Any] = (),
        foreach: bool = False,
        split: Path | None = None,
        user_code_retries: int | None = None,
        compute: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        decorators: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.flow = flow
        self.step = kwargs["task_id"]
        self.foreach = foreach
        self.split: Any = split
        self.user_code_retries = (self.retries or 0) if user_code_retries is None else user_code_retries
        self.compute = compute or {}
        self.env = env or {}
        self.decorators = tuple(decorators)
        self.step_inputs = step_inputs(inputs)
        self._runner: Runner | None = None
        if inputs:
            self.set_upstream(list(inputs))

    def execute(self, context: Context) -> list[Path] | None:
        """Run the step; return the index paths of its splits if it is a foreach."""
        self._runner = configured_runner()
        return self._xcom(self._runner.run(self._request(context), self, context), context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> list[Path] | None:
        """Go on after the wait for a pod."""
        self._runner = configured_runner()
        return self._xcom(self._runner.resume(self._request(context), self, context, event), context)

    def on_kill(self) -> None:
        """Stop the step's process or pod."""
        if self._runner is not None:
            self._runner.stop()

    def step_task(self, context: Context) -> StepTask:
        """Return the Metaflow task that this task instance is."""
        instance, dag_run = context["ti"], context["dag_run"]
        if instance.try_number > MOST_ATTEMPTS:
            raise AirflowFailException(
                f"This is try {instance.try_number} of step {self.step!r}, and Metaflow keeps "
                f"{MOST_ATTEMPTS} attempts of a task: trigger a new run instead of clearing this one again."
            )
        path = self._path(context)
        splits = {
            source.splits_of: instance.xcom_pull(task_ids=source.splits_of)
            for source in self.step_inputs
            if source.splits_of
        }
        return StepTask(
            flow=self.flow.name,
            file=self.flow.file,
            step=self.step,
            run_id=metaflow_run_id(dag_run.dag_id, dag_run.run_id, dag_run.run_after),
            task_id=task_id(self.step, path),
            attempt=instance.try_number - 1,
            user_code_retries=self.user_code_retries,
            inputs=input_paths(self.step_inputs, path, splits),
            split_index=path[-1] if path else None,
            parameters=dict(context["params"]) if not self.step_inputs else None,
            decorators=self.decorators,
            tags=self.flow.tags,
            namespace=self.flow.namespace,
            origin={
                "airflow-dag-id": dag_run.dag_id,
                "airflow-dag-run-id": dag_run.run_id,
                "airflow-task-id": instance.task_id,
                "airflow-map-index": str(instance.map_index),
            },
        )

    def _request(self, context: Context) -> StepRequest:
        return StepRequest(self.step_task(context), self.flow.package, self.compute, self.env)

    def _path(self, context: Context) -> Path:
        # Resolved here and not as a template field, which would draw an edge from the foreach step to every
        # step of its body.
        return self.split.resolve(context) if hasattr(self.split, "resolve") else self.split or []

    def _xcom(self, result: dict[str, Any], context: Context) -> list[Path] | None:
        if not self.foreach:
            return None
        return [[*self._path(context), index] for index in range(result["splits"])]
