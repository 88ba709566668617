"""Check: everything in a flow that Airflow cannot run is found at once, each with its place and a remedy."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from metaflow.exception import MetaflowException

from metaflow_airflow.compiler.flow_model import VIRTUAL_ENVIRONMENTS, FlowModel, Step

LONGEST_ASSET_NAME = 1500  # characters, as Airflow says
# The words of `@kubernetes` that the operator's settings of a pod have, too.
POD_WORDS = {
    "annotations",
    "extended_resources",
    "gpu_vendor",
    "image",
    "image_pull_policy",
    "image_pull_secrets",
    "labels",
    "namespace",
    "node_selector",
    "persistent_volume_claims",
    "port",
    "qos",
    "secrets",
    "security_context",
    "service_account",
    "tmpfs_path",
    "tmpfs_size",
    "tmpfs_tempdir",
    "tolerations",
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


def own_compute(flow: FlowModel) -> Iterator[Problem]:
    """A decorator that starts steps elsewhere needs Metaflow's own scheduler to do it."""
    for step in flow.steps:
        for name in step.own_compute:
            yield Problem(
                _where(step),
                f"@{name} runs the step on a system of its own",
                "remove it; where steps run is set in Airflow, by AIRFLOW__METAFLOW__RUNNER",
            )


def pod_words(flow: FlowModel) -> Iterator[Problem]:
    """Nothing that a step asks of its pod is left out."""
    for step in flow.steps:
        for name in sorted(step.pod.keys() - POD_WORDS):
            yield Problem(
                _where(step),
                f"@kubernetes({name}=) is not supported",
                "leave it out; an image's first python runs the step",
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


def single_values(flow: FlowModel) -> Iterator[Problem]:
    """A run's configuration in Airflow has one value for each parameter."""
    for parameter in flow.parameters:
        if parameter.click_options:
            yield Problem(
                f"parameter {parameter.name!r}",
                f"an option with {' and '.join(parameter.click_options)}= is not supported",
                "give it the type JSONType or a separator",
            )


def included_files(flow: FlowModel) -> Iterator[Problem]:
    """The default of an IncludeFile is read when the flow is compiled."""
    for parameter in flow.parameters:
        if parameter.missing_file is not None:
            yield Problem(
                f"parameter {parameter.name!r}",
                f"there is no file {parameter.missing_file!r}",
                "name one that can be read from this directory",
            )


def unasked_parameters(flow: FlowModel) -> Iterator[Problem]:
    """A run that no person starts has nobody to ask."""
    mapped = {name.lower() for event in flow.events for name in event.parameters}
    for parameter in flow.parameters:
        given = not flow.schedule and parameter.name.lower() in mapped
        if (flow.schedule or flow.events) and parameter.required and parameter.default is None and not given:
            how = "a scheduled run" if flow.schedule else "a run that an event starts"
            yield Problem(
                f"parameter {parameter.name!r}",
                f"it is required, but {how} has nobody to give it",
                "give it a default" if flow.schedule else "give it a default or a field of the event",
            )


def event_names(flow: FlowModel) -> Iterator[Problem]:
    """An event is an asset of Airflow, so its name must be one."""
    for event in flow.events:
        if not event.name.strip() or len(event.name) > LONGEST_ASSET_NAME or not event.name.isprintable():
            yield Problem(
                f"event {event.name[:40]!r}",
                "it cannot be the name of an Airflow asset",
                f"use 1 to {LONGEST_ASSET_NAME} printable characters",
            )


def event_parameters(flow: FlowModel) -> Iterator[Problem]:
    """Each parameter is set by one event, and exists."""
    known, seen = {parameter.name.lower() for parameter in flow.parameters}, set[str]()
    for event in flow.events:
        for name in event.parameters:
            if name.lower() not in known:
                yield Problem(
                    f"event {event.name!r}",
                    f"it sets {name!r}, which is no parameter of the flow",
                    "name one of the flow's parameters",
                )
            elif name.lower() in seen:
                yield Problem(
                    f"event {event.name!r}",
                    f"it sets the parameter {name!r}, which is set already",
                    "set each parameter once",
                )
            seen.add(name.lower())


def event_options(flow: FlowModel) -> Iterator[Problem]:
    """Options of decorators are made for one scheduler; none of them is for Airflow."""
    for option in flow.event_options:
        yield Problem(
            f"flow {flow.name} ({flow.file})", f"{option} has no counterpart in Airflow", "remove the option"
        )


def shared_datastore(flow: FlowModel) -> Iterator[Problem]:
    """The machine that compiles and those that run must see the same datastore."""
    if flow.datastore == "local":
        yield Problem(
            "datastore 'local'",
            "Airflow's workers and pods cannot reach it",
            "set METAFLOW_DEFAULT_DATASTORE=s3 and METAFLOW_DATASTORE_SYSROOT_S3",
        )


def known_environment(flow: FlowModel) -> Iterator[Problem]:
    """Steps run with the packages of the worker or the image, or with those of `@conda` and `@pypi`."""
    known = ("local", *VIRTUAL_ENVIRONMENTS)
    if flow.environment not in known:
        yield Problem(
            f"--environment={flow.environment}",
            "its packages cannot be installed where a step starts",
            f"choose one of {', '.join(known)}",
        )


RULES: tuple[Rule, ...] = (
    own_compute,
    pod_words,
    parameter_names,
    single_values,
    included_files,
    unasked_parameters,
    event_names,
    event_parameters,
    event_options,
    shared_datastore,
    known_environment,
)


def _where(step: Step) -> str:
    return f"step {step.name!r} ({step.place.file}:{step.place.line})"
