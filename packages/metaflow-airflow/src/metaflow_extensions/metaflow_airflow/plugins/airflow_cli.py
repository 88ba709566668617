"""The `airflow` command of every flow: `python flow.py airflow create|trigger|status|…`."""

from typing import Any

from metaflow import parameters
from metaflow._vendor import click

# The modules that do the work are imported in each command: Metaflow loads this one with every flow.

GIVEN = "metaflow_airflow.given"  # in click's context: the options that were given, as they were written


@click.group()
def cli() -> None:
    """Group that Metaflow merges into a flow's own commands."""


@cli.group(help="Commands related to Airflow.")
@click.option("--name", default=None, help="The DAG's id; the flow's name if not given.")
@click.pass_obj
def airflow(obj: Any, name: str | None = None) -> None:
    """Check the flow and resolve the DAG's name before any command of the group."""
    from metaflow_airflow.commands.names import resolve_name

    obj.check(obj.graph, obj.flow, obj.environment, pylint=obj.pylint)
    obj.dag_id, obj.token_prefix, obj.is_project = resolve_name(name)


def _positive(ctx: click.Context, option: click.Parameter, value: int | None) -> int | None:
    """Reject values below 1; Metaflow's Deployer does not support click's own type for that."""
    if value is not None and value < 1:
        raise click.BadParameter(f"{value} is less than 1.")
    return value


AUTHORIZE = {"default": None, "help": "Authorize with this production token, and remember it."}
ATTRIBUTE_FILE = {"default": None, "hidden": True, "help": "Where Metaflow's Deployer reads the result."}


@airflow.command(help="Compile this flow into an Airflow DAG, written to FILE or into Airflow's DAGs folder.")
@click.argument("file", required=False)
@click.option("--authorize", **AUTHORIZE)
@click.option(
    "--generate-new-token",
    is_flag=True,
    help="Move the flow to a new production token and its namespace.",
)
@click.option(
    "--new-token", "given_token", default=None, help="Move the flow to this production token and namespace."
)
@click.option("--tag", "tags", multiple=True, help="Tag the DAG and all its Metaflow runs; may be repeated.")
@click.option(
    "--namespace",
    "user_namespace",
    default=None,
    help="Metaflow's namespace inside the steps; that of the production token if not given.",
)
@click.option(
    "--max-workers", type=int, callback=_positive, default=None, help="Most tasks that run at the same time."
)
@click.option(
    "--workflow-timeout", type=int, callback=_positive, default=None, help="Seconds after which a run fails."
)
@click.option("--worker-pool", default=None, help="The Airflow pool of the tasks.")
@click.option("--is-paused-upon-creation", is_flag=True, help="Create the DAG paused.")
@click.option(
    "--task-group",
    is_flag=True,
    help="Write a task group into FILE; a DAG written by hand calls it with the flow's parameters.",
)
@click.option("--check", is_flag=True, help="Write and upload nothing; fail if FILE is not up to date.")
@click.option("--deployer-attribute-file", **ATTRIBUTE_FILE)
@click.pass_obj
def create(obj: Any, **options: Any) -> None:
    """Compile the flow."""
    from metaflow_airflow.commands.create import CreateOptions, create

    create(obj, CreateOptions(**options))


class TriggerCommand(click.Command):
    """Records which options were given; for all other parameters, the deployed version has defaults."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Record the options of the command line and the environment, before click adds the defaults."""
        written, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        found = {option.name: option.consume_value(ctx, written) for option in self.params}
        ctx.meta[GIVEN] = {name: text for name, text in found.items() if text is not None}
        return super().parse_args(ctx, args)


@parameters.add_custom_parameters(deploy_mode=False)
@airflow.command(
    cls=TriggerCommand, help="Trigger the DAG on Airflow, with the flow's parameters as options."
)
@click.option("--run-id-file", default=None, help="Write the ID of this run to the file specified.")
@click.option("--deployer-attribute-file", **ATTRIBUTE_FILE)
@click.pass_context
def trigger(
    ctx: click.Context,
    run_id_file: str | None = None,
    deployer_attribute_file: str | None = None,
    **values: Any,
) -> None:
    """Start a run once Airflow serves the version in the DAG file."""
    from metaflow_airflow.commands.trigger import trigger

    trigger(ctx.obj, values, ctx.meta[GIVEN], run_id_file, deployer_attribute_file)


@airflow.command(help="List the flow's runs on Airflow, newest first: run ID, status and start.")
@click.option(
    "--limit", type=int, callback=_positive, default=10, show_default=True, help="How many to list."
)
@click.pass_obj
def list_runs(obj: Any, limit: int = 10) -> None:
    """Print a line for each run."""
    from metaflow_airflow.commands.runs import list_runs

    for line in list_runs(obj.dag_id, limit):
        obj.echo_always(line, err=False)


@airflow.command(help="Fetch flow execution status on Airflow.")
@click.argument("run-id", required=True)
@click.pass_obj
def status(obj: Any, run_id: str) -> None:
    """Print Pending, Running, Succeeded or Failed."""
    from metaflow_airflow.commands.runs import run_status

    obj.echo(f"Fetching status for run *{run_id}* for {obj.flow.name} ...", bold=True)
    obj.echo_always(run_status(obj.dag_id, run_id), err=False)


@airflow.command(help="Terminate flow execution on Airflow.")
@click.option("--authorize", **AUTHORIZE)
@click.argument("run-id", required=True)
@click.pass_obj
def terminate(obj: Any, run_id: str, authorize: str | None = None) -> None:
    """Mark the run as failed, which ends its tasks."""
    from metaflow_airflow.commands.runs import terminate_run

    obj.echo(f"Terminating run *{run_id}* for {obj.flow.name} ...", bold=True)
    terminate_run(obj.dag_id, obj.flow.name, obj.token_prefix, run_id, authorize)
    obj.echo("Run terminated.")


@airflow.command(help="Delete the flow's DAG on Airflow, its history there, and its file.")
@click.option("--authorize", **AUTHORIZE)
@click.pass_obj
def delete(obj: Any, authorize: str | None = None) -> None:
    """Remove the DAG and its file."""
    from metaflow_airflow.commands.delete import delete_dag

    file = delete_dag(obj.dag_id, obj.flow.name, obj.token_prefix, authorize)
    obj.echo(f"DAG *{obj.dag_id}* deleted{f', with *{file}*' if file else ''}.", bold=True)
