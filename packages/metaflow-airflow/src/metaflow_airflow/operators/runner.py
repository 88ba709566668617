"""Where steps run: the choice is Airflow's setting `[metaflow] runner`."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from airflow.sdk.exceptions import AirflowFailException
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


def configured_runner() -> Runner:
    """Return the runner that Airflow's configuration names (`kubernetes` when it names none).

    Raises AirflowFailException when there is no runner of that name.
    """
    from airflow.sdk.configuration import conf

    # Imported when needed: each brings libraries that a DAG file must not load when it is parsed.
    match name := conf.get("metaflow", "runner", fallback="kubernetes"):
        case "local":
            from metaflow_airflow.operators.local import LocalRunner

            return LocalRunner()
        case "kubernetes":
            from metaflow_airflow.operators.kubernetes import KubernetesRunner

            return KubernetesRunner()
    raise AirflowFailException(
        f"There is no runner {name!r}: set AIRFLOW__METAFLOW__RUNNER to 'kubernetes' or 'local'."
    )
