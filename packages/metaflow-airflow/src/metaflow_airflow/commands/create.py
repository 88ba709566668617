"""`airflow create`: compile a flow into a DAG file, under its production token."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from metaflow import current
from metaflow._vendor import click
from metaflow.tagging_util import validate_tags

from metaflow_airflow.commands.dags_folder import default_file, other_files
from metaflow_airflow.commands.imports import require_importable
from metaflow_airflow.commands.outputs import write_attributes
from metaflow_airflow.commands.tokens import NAMESPACE, choose_token, remember, require_authority
from metaflow_airflow.compiler import check_drift, compile_to_file
from metaflow_airflow.compiler.compiled_file import read_compiled
from metaflow_airflow.compiler.deployment import Deployment, shown_paths, task_group_id


@dataclass(frozen=True, slots=True)
class CreateOptions:
    """The options of `airflow create`, by the names that the command gives them."""

    file: str | None
    authorize: str | None
    generate_new_token: bool
    given_token: str | None
    tags: tuple[str, ...]
    user_namespace: str | None
    max_workers: int | None
    workflow_timeout: int | None
    worker_pool: str | None
    is_paused_upon_creation: bool
    task_group: bool
    check: bool
    deployer_attribute_file: str | None


def create(state: Any, options: CreateOptions) -> None:
    """Compile the flow of this process, or check that its DAG file is up to date, and print the result.

    Args:
        state: The object of Metaflow's command line, with the names that `resolve_name` returned.
        options: The command's options.

    Raises:
        MetaflowException: The flow cannot be compiled, the file cannot be written or is not up to date, or
            the production token is missing.
        click.UsageError: An option does not apply to a task group.
    """
    validate_tags(options.tags)
    if options.task_group:
        _reject_dag_options(options)
    target = Path(options.file) if options.file else default_file(state.dag_id)
    token = _choose_token(state, options, target)
    flow_file = Path(sys.argv[0])
    deployment = _deployment(state, options, shown_paths(flow_file, target), token)
    if options.check:
        check_drift(state, flow_file, target, deployment)
        state.echo(f"*{target}* is up to date.", bold=True)
        return
    try_out = partial(require_importable, target=target, is_group=options.task_group, warn=state.echo_always)
    changed = compile_to_file(state, flow_file, target, deployment, try_out)
    remember(state.token_prefix, token)
    _report(state, options, target, token, changed=changed)
    write_attributes(state, options.deployer_attribute_file, flow_name=state.flow.name)


def _choose_token(state: Any, options: CreateOptions, target: Path) -> str:
    """Return the production token to deploy with, if this user may replace what is deployed."""
    deployed = read_compiled(target, task_group=options.task_group)
    is_same = deployed is not None and deployed.dag_id == _id(state, options)
    deployed_token = deployed.production_token if deployed and is_same else None
    if not options.check:
        require_authority(
            state.token_prefix, deployed_token, options.authorize, f"A new version of {state.dag_id}"
        )
    return choose_token(
        state.token_prefix,
        deployed_token,
        options.given_token,
        options.generate_new_token,
        state.is_project,
    )


def _deployment(state: Any, options: CreateOptions, paths: tuple[str, str], token: str) -> Deployment:
    source, target = paths
    return Deployment(
        dag_id=state.dag_id,
        source=source,
        target=target,
        production_token=token,
        branch=current.get("branch_name"),
        tags=tuple(options.tags or ()),
        namespace=options.user_namespace,
        max_workers=options.max_workers,
        workflow_timeout=options.workflow_timeout,
        worker_pool=options.worker_pool,
        paused=options.is_paused_upon_creation,
        task_group=options.task_group,
    )


def _report(state: Any, options: CreateOptions, target: Path, token: str, *, changed: bool) -> None:
    """Print what was compiled to where, and a warning if other files define the same DAG."""
    kind = "Task group" if options.task_group else "DAG"
    outcome = "compiled to" if changed else "unchanged in"
    name = _id(state, options)
    state.echo(f"{kind} *{name}* for flow *{current.flow_name}* {outcome} *{target}*.", bold=True)
    state.echo(f"The namespace of its runs is *{options.user_namespace or NAMESPACE + token}*.")
    if not options.task_group and (others := other_files(target, state.dag_id)):
        names = " and ".join(_from_here(file) for file in others)
        state.echo_always(
            f"Warning: the DAG {name} is also defined in {names}, and Airflow serves only one of the files. "
            "Remove those that you do not need, or give this DAG another name: airflow --name NAME create."
        )


def _from_here(file: Path) -> str:
    """Return a file's path, relative to the current directory if the file is below it."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _id(state: Any, options: CreateOptions) -> str:
    """Return the id of the DAG, or of the task group, that is compiled."""
    return task_group_id(state.dag_id) if options.task_group else str(state.dag_id)


def _reject_dag_options(options: CreateOptions) -> None:
    """Raise UsageError for options that a task group cannot have."""
    if options.file is None:
        raise click.UsageError(
            "Name the FILE of the task group, from which the DAG written by hand imports it."
        )
    if options.max_workers or options.workflow_timeout or options.is_paused_upon_creation:
        raise click.UsageError(
            "--max-workers, --workflow-timeout and --is-paused-upon-creation are for DAGs: set them in the "
            "DAG around the task group."
        )
