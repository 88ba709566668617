"""What Metaflow's Deployer does with deployed flows: find one, and run a command of one in a process."""

import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from metaflow.client.core import get_metadata
from metaflow.runner.deployer import Deployer, generate_fake_flow_file_contents
from metaflow.runner.utils import get_lower_level_group, handle_timeout, temporary_fifo

from metaflow_airflow.commands.deployed_names import name_problem
from metaflow_airflow.commands.rest import Airflow, AirflowError
from metaflow_airflow.commands.serving import wait_until_served
from metaflow_airflow.compiler.compiled_file import parse_compiled

# Airflow's types of parameters, by the names that Metaflow uses; those of no type are JSON.
PARAMETER_TYPES = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}


class NotCompiledError(AirflowError):
    """A DAG that this package did not compile, or that was changed afterwards."""


def find_deployer(dag_id: str, metadata: str | None = None) -> Any:
    """Return a Deployer's object for a DAG, once Airflow serves what `airflow create` wrote.

    Its commands run a generated flow that has the name and the parameters of the deployed one.

    Args:
        dag_id: The DAG's id.
        metadata: Metaflow's metadata provider, in the form that `get_metadata` returns.

    Raises:
        NotCompiledError: The DAG is not a compiled flow. Nothing that it contains was executed.
        AirflowError: Airflow does not know the DAG, or does not answer.
    """
    airflow = Airflow()
    dag = wait_until_served(airflow, dag_id, say=lambda _: None)
    params = dag.params or {}
    deployed = parse_compiled(airflow.source(dag_id))
    where = f"The DAG {dag_id!r} in Airflow at {airflow.url} is not a compiled flow"
    if deployed is None:
        raise NotCompiledError(f"{where}.")
    if problem := name_problem(dag_id, deployed, params):
        raise NotCompiledError(f"{where}: {problem}.")
    text = generate_fake_flow_file_contents(
        deployed.flow, describe_parameters(params), project_name=deployed.project
    )
    folder = tempfile.TemporaryDirectory(prefix="metaflow-deployed-")
    file = Path(folder.name) / "flow.py"
    file.write_text(text)
    options, environment = project_options(deployed.branch)
    name = {} if deployed.branch else {"name": dag_id}
    # Metaflow adds this method to the class at run time, so type checkers do not know it.
    deployer = cast("Any", Deployer(str(file), env=environment, pylint=False, **options)).airflow(**name)
    deployer.generated_folder = folder  # exists as long as the deployer, whose commands run the file
    deployer.name, deployer.flow_name = dag_id, deployed.flow
    deployer.metadata = metadata or get_metadata()
    return deployer


def run_command(deployer: Any, command: str, **options: Any) -> bool:
    """Run a command of the deployed flow in a process and return whether it succeeded.

    Args:
        deployer: The Deployer's object.
        command: The command's name, as a Python name.
        options: Its options; those that are None are not given.
    """
    given = {name: value for name, value in options.items() if value is not None}
    process = _start(deployer, getattr(_commands(deployer), command)(**given))
    process.sync_wait()
    return bool(process.process.returncode == 0)


def trigger_in_process(deployer: Any, parameters: dict[str, Any]) -> str:
    """Start a run with `airflow trigger` in a process; return what the command writes for the Deployer.

    Raises:
        RuntimeError: Airflow has not started a run; the command has printed the reason.
    """
    # Metaflow annotates this generator with what it yields, not as a context manager.
    with cast("Any", temporary_fifo()) as (path, descriptor):
        command = _commands(deployer).trigger(deployer_attribute_file=path, **parameters)
        process = _start(deployer, command)
        content = handle_timeout(descriptor, process, deployer.file_read_timeout)
        process.sync_wait()
        if process.process.returncode == 0:
            return str(content)
    raise RuntimeError(f"{deployer.name} could not be triggered on Airflow.")


def describe_parameters(params: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a DAG's parameters, whose names were checked, as Metaflow describes those of a deployed flow."""
    return {
        name: {
            "name": name,
            "python_var_name": f"parameter_{number}",  # its own may be a keyword or a step
            "type": PARAMETER_TYPES.get(_type_of(param["schema"]), "JSON"),
            "description": "",
            "is_required": False,  # Airflow checks this, and knows the defaults
        }
        for number, (name, param) in enumerate(params.items())
    }


def _type_of(schema: dict[str, Any]) -> str:
    """Return the type in a JSON schema, `null` aside; `JSON` if it names none."""
    types = schema.get("type") or "JSON"
    return str(types if isinstance(types, str) else types[-1])


def project_options(branch: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the options and environment variables that select a branch of @project, None for no project."""
    kind, _, name = (branch or "").partition(".")
    if kind == "user":
        return {}, {"METAFLOW_OWNER": name}
    options: dict[str, Any] = {"production": True} if kind == "prod" else {}
    return options | ({"branch": name} if name else {}), {}


def _commands(deployer: Any) -> Any:
    return get_lower_level_group(
        deployer.api, deployer.top_level_kwargs, deployer.TYPE, deployer.deployer_kwargs
    )


def _start(deployer: Any, command: list[str]) -> Any:
    pid = deployer.spm.run_command(
        [sys.executable, *command],
        env=deployer.env_vars,
        cwd=deployer.cwd,
        show_output=deployer.show_output,
    )
    return deployer.spm.get(pid)
