"""Rules about the environment that a flow is compiled in."""

from collections.abc import Iterator

from metaflow_airflow.compiler.flow_model import VIRTUAL_ENVIRONMENTS, FlowModel
from metaflow_airflow.compiler.rules.rule import Problem, rule


@rule
def shared_datastore(flow: FlowModel) -> Iterator[Problem]:
    """The machine that compiles and those that run steps must reach the same datastore."""
    if flow.datastore == "local":
        yield Problem(
            "datastore 'local'",
            "Airflow's workers and pods cannot reach it",
            "set METAFLOW_DEFAULT_DATASTORE=s3 and METAFLOW_DATASTORE_SYSROOT_S3",
        )


@rule
def known_environment(flow: FlowModel) -> Iterator[Problem]:
    """Steps use the packages of the worker or the image, or those of `@conda` and `@pypi`."""
    known = ("local", *VIRTUAL_ENVIRONMENTS)
    if flow.environment not in known:
        yield Problem(
            f"--environment={flow.environment}",
            "its packages cannot be installed where a step starts",
            f"choose one of {', '.join(known)}",
        )
