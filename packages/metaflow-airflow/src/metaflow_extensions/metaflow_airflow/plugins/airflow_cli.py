"""The `airflow` command of every flow: `python flow.py airflow create FILE`."""

import re
import sys
from pathlib import Path
from typing import Any

from metaflow import current
from metaflow._vendor import click
from metaflow.exception import MetaflowException
from metaflow.tagging_util import validate_tags

DAG_ID = re.compile(r"[a-zA-Z0-9_.-]+")


class InvalidName(MetaflowException):
    """A DAG id that Airflow would not take."""

    headline = "Invalid DAG name"


@click.group()
def cli() -> None:
    """Group that Metaflow merges into a flow's own commands."""


@cli.group(help="Commands related to Airflow.")
@click.option("--name", default=None, help="The DAG's id; the flow's name if not given.")
@click.pass_obj
def airflow(obj: Any, name: str | None) -> None:
    """Check the flow before any command of the group."""
    obj.check(obj.graph, obj.flow, obj.environment, pylint=obj.pylint)
    obj.dag_id = name or current.flow_name
    if not DAG_ID.fullmatch(obj.dag_id):
        raise InvalidName(f"{obj.dag_id!r} is not a DAG id: use letters, digits, '_', '-' and '.' only.")


@airflow.command(help="Compile this flow into an Airflow DAG, written to FILE.")
@click.argument("file")
@click.option("--tag", "tags", multiple=True, help="Tag the DAG and all its Metaflow runs; may be repeated.")
@click.option("--namespace", default=None, help="Metaflow's namespace inside the steps.")
@click.option("--max-workers", type=click.IntRange(1), default=None, help="Tasks of a DAG that run at once.")
@click.option(
    "--workflow-timeout",
    type=click.IntRange(1),
    default=None,
    help="Seconds after which a run fails; for scheduled flows only.",
)
@click.option("--worker-pool", default=None, help="The Airflow pool of the tasks.")
@click.option("--is-paused-upon-creation", "paused", is_flag=True, help="Airflow starts with the DAG paused.")
@click.pass_obj
def create(obj: Any, file: str, tags: tuple[str, ...], **options: Any) -> None:
    """Compile the flow."""
    # Imported here, because Metaflow loads this module for the help of every flow.
    from metaflow_airflow.compiler import compile_to_file

    validate_tags(tags)
    changed = compile_to_file(obj, Path(sys.argv[0]), Path(file), obj.dag_id, tags=tags, **options)
    state = "compiled to" if changed else "unchanged in"
    obj.echo(f"DAG *{obj.dag_id}* for flow *{current.flow_name}* {state} *{file}*.", bold=True)
