"""The `airflow` command of every flow: `python flow.py airflow create|trigger|status|…`."""

import json
import sys
from pathlib import Path
from typing import Any

from metaflow import current, parameters
from metaflow._vendor import click
from metaflow.exception import MetaflowException
from metaflow.tagging_util import validate_tags

# What does the work is imported in each command: Metaflow loads this module for the help of every flow.


@click.group()
def cli() -> None:
    """Group that Metaflow merges into a flow's own commands."""


@cli.group(help="Commands related to Airflow.")
@click.option("--name", default=None, help="The DAG's id; the flow's name if not given.")
@click.pass_obj
def airflow(obj: Any, name: str | None = None) -> None:
    """Check the flow and settle the DAG's name before any command of the group."""
    from metaflow_airflow.commands.names import resolve_name

    obj.check(obj.graph, obj.flow, obj.environment, pylint=obj.pylint)
    obj.dag_id, obj.token_prefix, obj.is_project = resolve_name(name)


def _positive(ctx: click.Context, option: click.Parameter, value: int | None) -> int | None:
    """Refuse 0 and less; click's own type for that is unknown to Metaflow's Deployer."""
    if value is not None and value < 1:
        raise click.BadParameter(f"{value} is less than 1.")
    return value


AUTHORIZE = {"default": None, "help": "Authorize using this production token; it is then remembered."}
ATTRIBUTE_FILE = {"default": None, "hidden": True, "help": "Where Metaflow's Deployer reads the outcome."}


@airflow.command(help="Compile this flow into an Airflow DAG, written to FILE or into Airflow's DAGs folder.")
@click.argument("file", required=False)
@click.option("--authorize", **AUTHORIZE)
@click.option(
    "--generate-new-token",
    is_flag=True,
    help="Move the flow to a new production token, and so to a new namespace.",
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
    "--max-workers", type=int, callback=_positive, default=None, help="Tasks of a DAG that run at once."
)
@click.option(
    "--workflow-timeout", type=int, callback=_positive, default=None, help="Seconds after which a run fails."
)
@click.option("--worker-pool", default=None, help="The Airflow pool of the tasks.")
@click.option("--is-paused-upon-creation", is_flag=True, help="Airflow starts with the DAG paused.")
@click.option(
    "--task-group",
    is_flag=True,
    help="Write a task group into FILE, for a DAG written by hand to call with the flow's parameters.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail when the file is not up to date.")
@click.option("--deployer-attribute-file", **ATTRIBUTE_FILE)
@click.pass_obj
def create(
    obj: Any,
    file: str | None = None,
    authorize: str | None = None,
    generate_new_token: bool = False,
    given_token: str | None = None,
    tags: tuple[str, ...] = (),
    user_namespace: str | None = None,
    is_paused_upon_creation: bool = False,
    task_group: bool = False,
    check: bool = False,
    deployer_attribute_file: str | None = None,
    **options: Any,
) -> None:
    """Compile the flow."""
    from metaflow_airflow.commands.dags_folder import default_file
    from metaflow_airflow.commands.tokens import NAMESPACE, choose_token, remember, require_authority
    from metaflow_airflow.compiler import check_drift, compile_to_file
    from metaflow_airflow.compiler.compiled_file import read_compiled
    from metaflow_airflow.compiler.plan import task_group_id

    validate_tags(tags)
    name = task_group_id(obj.dag_id) if task_group else obj.dag_id
    if task_group:
        _require_no_dag_options(
            file, options["max_workers"], options["workflow_timeout"], is_paused_upon_creation
        )
    target = Path(file) if file else default_file(obj.dag_id)
    deployed = read_compiled(target, task_group=task_group)
    deployed_token = deployed.production_token if deployed and deployed.dag_id == name else None
    if not check:
        require_authority(obj.token_prefix, deployed_token, authorize, f"A new version of {obj.dag_id}")
    token = choose_token(obj.token_prefix, deployed_token, given_token, generate_new_token, obj.is_project)
    options |= {
        "production_token": token,
        "branch": current.get("branch_name"),
        "tags": tuple(tags or ()),
        "namespace": user_namespace,
        "paused": is_paused_upon_creation,
        "task_group": task_group,
    }
    if check:
        check_drift(obj, Path(sys.argv[0]), target, obj.dag_id, **options)
        obj.echo(f"*{target}* is up to date.", bold=True)
        return
    changed = compile_to_file(obj, Path(sys.argv[0]), target, obj.dag_id, **options)
    remember(obj.token_prefix, token)
    state = "compiled to" if changed else "unchanged in"
    kind = "Task group" if task_group else "DAG"
    obj.echo(f"{kind} *{name}* for flow *{current.flow_name}* {state} *{target}*.", bold=True)
    obj.echo(f"The namespace of its runs is *{user_namespace or NAMESPACE + token}*.")
    _write_attributes(obj, deployer_attribute_file, flow_name=obj.flow.name)


class TriggerCommand(click.Command):
    """Knows which of the flow's parameters were given: those not given are left to the deployed version."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note the options on the command line or in the environment, before defaults are filled in."""
        written, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta["metaflow_airflow.given"] = {
            option.name for option in self.params if option.consume_value(ctx, written) is not None
        }
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
    from metaflow_airflow.commands.deployed_dags import trigger_run

    obj, given = ctx.obj, ctx.meta["metaflow_airflow.given"]
    wanted = {}
    for _, parameter in obj.flow._get_parameters():
        option = parameter.name.replace("-", "_").lower()  # as click names it
        is_config = parameter.IS_CONFIG_PARAMETER  # a Config is fixed when the flow is compiled
        if not is_config and option in given:
            wanted[parameter.name] = _sent(parameter, values[option])
    run_id = trigger_run(obj.dag_id, obj.flow.name, wanted, obj.echo)
    _write(run_id_file, run_id)
    _write_attributes(obj, deployer_attribute_file, pathspec=f"{obj.flow.name}/{run_id}")
    obj.echo(f"DAG *{obj.dag_id}* triggered on Airflow (run-id *{run_id}*).", bold=True)


@airflow.command(help="List the flow's runs on Airflow, newest first: run ID, status and start.")
@click.option(
    "--limit", type=int, callback=_positive, default=10, show_default=True, help="How many to list."
)
@click.pass_obj
def list_runs(obj: Any, limit: int = 10) -> None:
    """Print one line a run."""
    from metaflow_airflow.commands.deployed_dags import list_runs

    for line in list_runs(obj.dag_id, limit):
        obj.echo_always(line, err=False)


@airflow.command(help="Fetch flow execution status on Airflow.")
@click.argument("run-id", required=True)
@click.pass_obj
def status(obj: Any, run_id: str) -> None:
    """Print Pending, Running, Succeeded or Failed."""
    from metaflow_airflow.commands.deployed_dags import run_status

    obj.echo(f"Fetching status for run *{run_id}* for {obj.flow.name} ...", bold=True)
    obj.echo_always(run_status(obj.dag_id, run_id), err=False)


@airflow.command(help="Terminate flow execution on Airflow.")
@click.option("--authorize", **AUTHORIZE)
@click.argument("run-id", required=True)
@click.pass_obj
def terminate(obj: Any, run_id: str, authorize: str | None = None) -> None:
    """Fail the run, which ends its tasks."""
    from metaflow_airflow.commands.deployed_dags import terminate_run

    obj.echo(f"Terminating run *{run_id}* for {obj.flow.name} ...", bold=True)
    terminate_run(obj.dag_id, obj.flow.name, obj.token_prefix, run_id, authorize)
    obj.echo("Run terminated.")


@airflow.command(help="Delete the flow's DAG on Airflow, its history there, and its file.")
@click.option("--authorize", **AUTHORIZE)
@click.pass_obj
def delete(obj: Any, authorize: str | None = None) -> None:
    """Remove the file first, or Airflow would read it again."""
    from metaflow_airflow.commands.deployed_dags import delete_dag

    file = delete_dag(obj.dag_id, obj.flow.name, obj.token_prefix, authorize)
    obj.echo(f"DAG *{obj.dag_id}* deleted{f', with *{file}*' if file else ''}.", bold=True)


def _require_no_dag_options(file: str | None, *options: Any) -> None:
    """Refuse what cannot be said of a task group."""
    if file is None:
        raise click.UsageError(
            "Name the FILE of the task group, from where the DAG written by hand imports it."
        )
    if any(options):
        raise click.UsageError(
            "--max-workers, --workflow-timeout and --is-paused-upon-creation are for DAGs: say it in the DAG "
            "around the task group."
        )


def _sent(parameter: Any, value: Any) -> Any:
    """Return a parameter's value as a DAG run is given it."""
    if isinstance(value, parameters.DelayedEvaluationParameter):
        return value(return_str=True)
    is_json = isinstance(parameter.kwargs.get("type"), parameters.JSONTypeClass)
    # A step takes a text for JSON, and nothing for the default: such values go as the JSON that they are.
    return json.dumps(value) if is_json and (value is None or isinstance(value, str)) else value


def _write_attributes(obj: Any, file: str | None, **more: str) -> None:
    """Write what Metaflow's Deployer wants to know."""
    _write(file, json.dumps({"name": obj.dag_id, "metadata": obj.metadata.metadata_str(), **more}))


def _write(file: str | None, text: str) -> None:
    """Write a file that was asked for."""
    try:
        if file:
            Path(file).write_text(text)
    except OSError as error:
        raise MetaflowException(f"{file} cannot be written: {error.strerror}.") from error
