"""Check: everything in a flow that Airflow cannot run is found at once, each with its place and a remedy."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from metaflow.exception import MetaflowException

from metaflow_airflow.compiler.flow_model import FlowModel, ParameterType, Step

# Step decorators whose meaning is in the step's own process, or is read by the compiler.
KNOWN_STEP_DECORATORS = {"retry", "catch", "timeout", "environment", "resources", "card", "airflow_internal"}
KNOWN_STEP_DECORATORS |= {"parallel"}  # has a rule of its own
KNOWN_FLOW_DECORATORS = {"project", "schedule"}
REMEDIES = {
    "batch": "remove it; where steps run is set in Airflow, by AIRFLOW__METAFLOW__RUNNER",
    "slurm": "remove it; where steps run is set in Airflow, by AIRFLOW__METAFLOW__RUNNER",
    "kubernetes": "say what the step needs with @resources; the rest of a pod is set in Airflow",
}


class UnsupportedFlow(MetaflowException):
    """A flow that cannot be compiled; the message lists every reason."""

    headline = "This flow cannot be compiled for Airflow"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a flow cannot be compiled."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}."


Rule = Callable[[FlowModel], Iterable[Problem]]


def check_flow(flow: FlowModel) -> None:
    """Raise UnsupportedFlow with all problems of the flow, if it has any."""
    problems = [problem for rule in RULES for problem in rule(flow)]
    if problems:
        raise UnsupportedFlow("\n" + "\n".join(f"    {problem}" for problem in problems))


def step_decorators(flow: FlowModel) -> Iterator[Problem]:
    """A decorator that the compiler does not know might ask Airflow for something."""
    for step in flow.steps:
        for name in step.decorators:
            if name not in KNOWN_STEP_DECORATORS:
                remedy = REMEDIES.get(name, "remove it from the flow that Airflow runs")
                yield Problem(_where(step), f"the decorator @{name} is not supported", remedy)


def flow_decorators(flow: FlowModel) -> Iterator[Problem]:
    """As for steps: nothing that a flow declares is ignored."""
    for name in flow.decorators:
        if name not in KNOWN_FLOW_DECORATORS:
            yield Problem(
                f"flow {flow.name} ({flow.file})",
                f"the decorator @{name} is not supported",
                "remove it from the flow that Airflow runs",
            )


def parameter_names(flow: FlowModel) -> Iterator[Problem]:
    """Metaflow reads parameters without regard to case."""
    seen: dict[str, str] = {}
    for parameter in flow.parameters:
        other = seen.setdefault(parameter.name.lower(), parameter.name)
        if other is not parameter.name:
            yield Problem(
                f"parameter {parameter.name!r}",
                f"it differs from {other!r} only in case",
                "give it a name of its own",
            )


def parameter_types(flow: FlowModel) -> Iterator[Problem]:
    """Airflow checks a parameter's value by its type when a run is triggered."""
    for parameter in flow.parameters:
        if parameter.type is ParameterType.OTHER:
            yield Problem(
                f"parameter {parameter.name!r}",
                "IncludeFile and types other than str, int, float, bool and JSONType are not supported",
                "pass an address and read it in a step",
            )


def scheduled_parameters(flow: FlowModel) -> Iterator[Problem]:
    """A scheduled run has nobody to ask."""
    for parameter in flow.parameters:
        if flow.schedule and parameter.required and parameter.default is None:
            yield Problem(
                f"parameter {parameter.name!r}",
                "it is required, but a scheduled run has nobody to give it",
                "give it a default or remove @schedule",
            )


def shared_datastore(flow: FlowModel) -> Iterator[Problem]:
    """The machine that compiles and those that run must see the same datastore."""
    if flow.datastore == "local":
        yield Problem(
            "datastore 'local'",
            "Airflow's workers and pods cannot reach it",
            "set METAFLOW_DEFAULT_DATASTORE=s3 and METAFLOW_DATASTORE_SYSROOT_S3",
        )


def plain_environment(flow: FlowModel) -> Iterator[Problem]:
    """Environments that build packages need steps of their own on the worker."""
    if flow.environment != "local":
        yield Problem(
            f"--environment={flow.environment}",
            "it is not supported",
            "install what the steps need in the image that runs them",
        )


RULES: tuple[Rule, ...] = (
    step_decorators,
    flow_decorators,
    parameter_names,
    parameter_types,
    scheduled_parameters,
    shared_datastore,
    plain_environment,
)


def _where(step: Step) -> str:
    return f"step {step.name!r} ({step.place.file}:{step.place.line})"
