"""What an operator asks of a runner, and what every runner can do."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from airflow.sdk import BaseOperator, Context
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepResult, StepTask


@dataclass(frozen=True, slots=True)
class StepRequest:
    """A request to run one Metaflow task.

    Attributes:
        task: The task.
        package: The code package's path below the datastore root.
        compute: The requested resources (`cpu`, `memory`, `disk`, `gpu`, `shared_memory`).
        env: The step's environment variables.
        pod: All other settings of a pod; runners without pods ignore them.
        virtual_environment: Metaflow's id of the environment with the step's own packages.
    """

    task: StepTask
    package: str
    compute: dict[str, Any]
    env: dict[str, str]
    pod: dict[str, Any] = field(default_factory=dict)
    virtual_environment: str | None = None


class Runner(Protocol):
    """Runs one Metaflow task on behalf of an operator."""

    def run(self, request: StepRequest, operator: BaseOperator, context: Context) -> StepResult:
        """Run the task to its end and return its result, or defer."""

    def resume(
        self, request: StepRequest, operator: BaseOperator, context: Context, event: dict[str, Any]
    ) -> StepResult:
        """Return the task's result after a deferral; `event` is the payload of the trigger's event."""

    def stop(self) -> None:
        """Stop the task."""
