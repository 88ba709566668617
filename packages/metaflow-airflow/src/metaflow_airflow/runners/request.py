"""What a step asks of a runner, and what every runner can do."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import StepTask

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context


@dataclass(frozen=True, slots=True)
class StepRequest:
    """What a runner needs: the task, the code package's path, resources, environment variables.

    `pod` is what a pod is asked for beyond resources; a runner without pods leaves it alone.
    `virtual_environment` is Metaflow's id of the packages to install for the step.
    """

    task: StepTask
    package: str
    compute: dict[str, Any]
    env: dict[str, str]
    pod: dict[str, Any] = field(default_factory=dict)
    virtual_environment: str | None = None


class Runner(Protocol):
    """Runs one Metaflow task and returns what it left for Airflow (`splits`: their number, of a foreach)."""

    def run(self, request: StepRequest, operator: "BaseOperator", context: "Context") -> dict[str, Any]:
        """Run the task to its end, or defer."""

    def resume(
        self, request: StepRequest, operator: "BaseOperator", context: "Context", event: dict[str, Any]
    ) -> dict[str, Any]:
        """Go on after a deferral."""

    def stop(self) -> None:
        """Stop the task."""
