"""Rules about the options of `airflow create`."""

from collections.abc import Iterator

from metaflow_airflow.compiler.deployment import Deployment
from metaflow_airflow.compiler.rules.rule import LONGEST_SECONDS, Problem, option_rule
from metaflow_airflow.exact_values import change_by_airflow

LONGEST_TAG = 100  # characters, as the next one: the limits of Airflow's database
LONGEST_POOL = 256
MOST_WORKERS = 2**31 - 1
LONGEST_SHOWN = 40  # characters of a text in a message


@option_rule
def tags(deployment: Deployment) -> Iterator[Problem]:
    """The tags of a DAG are shorter than those of a Metaflow run may be."""
    for tag in deployment.tags:
        if len(tag) > LONGEST_TAG and not deployment.task_group:
            yield Problem(
                f"--tag {tag[:LONGEST_SHOWN]!r}…",
                f"it has {len(tag)} characters, and Airflow stores at most {LONGEST_TAG}",
                "shorten it",
            )


@option_rule
def limits(deployment: Deployment) -> Iterator[Problem]:
    """Airflow computes with dates and stores integers of 32 bits."""
    if (deployment.workflow_timeout or 0) > LONGEST_SECONDS:
        yield Problem(
            f"--workflow-timeout {deployment.workflow_timeout}",
            "it is longer than 100 years, with which Airflow cannot compute",
            "give fewer seconds, or omit the option for no limit",
        )
    if (deployment.max_workers or 0) > MOST_WORKERS:
        yield Problem(
            f"--max-workers {deployment.max_workers}",
            f"Airflow stores at most {MOST_WORKERS}",
            "give a smaller number, or omit the option",
        )


@option_rule
def pool(deployment: Deployment) -> Iterator[Problem]:
    """A pool of a longer name cannot exist."""
    name = deployment.worker_pool or ""
    if len(name) > LONGEST_POOL:
        yield Problem(
            f"--worker-pool {name[:LONGEST_SHOWN]!r}…",
            f"the names of Airflow's pools have at most {LONGEST_POOL} characters",
            "name a pool that exists",
        )


@option_rule
def texts(deployment: Deployment) -> Iterator[Problem]:
    """Airflow stores the text of the DAG file."""
    given: list[tuple[str, str | None]] = [("--tag", tag) for tag in deployment.tags]
    given += [
        ("--namespace", deployment.namespace),
        ("--worker-pool", deployment.worker_pool),
        ("the production token", deployment.production_token),
        ("the flow's file", deployment.source),
        ("the DAG's file", deployment.target),
    ]
    for option, text in given:
        if reason := change_by_airflow(text):
            yield Problem(
                f"{option} {(text or '')[:LONGEST_SHOWN]!r}",
                f"Airflow cannot store it: {reason}",
                "change it",
            )
