"""Flows deployed on Airflow, and their runs, as Metaflow's Deployer hands them out.

metaflow-orchestrator-kit states a contract for such classes, and looks for certain words. Done our own way:

- `run_params = list(run_params)`: there is no list; a run's parameters go to Airflow as one JSON object.
- `identifier.split(".")[-1]`: the flow's name is read from the DAG file, as `--name` may be anything.
- METAFLOW_FLOW_CONFIG_VALUE: the configs of a compiled flow are in its code package.
- METAFLOW_DATASTORE_SYSROOT_LOCAL: what Metaflow stores where is Airflow's to say, when a step runs; a
  compiled file holds no address.
- "--environment": what else than `local` the compiler takes, it writes into the compiled file.
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

from metaflow.client.core import get_metadata
from metaflow.runner.deployer import DeployedFlow, Deployer, TriggeredRun, generate_fake_flow_file_contents
from metaflow.runner.utils import get_lower_level_group, handle_timeout, temporary_fifo

GOING_ON = ("Pending", "Running")
# Airflow's types of parameters in Metaflow's words; those of no type hold JSON.
PARAMETER_NAME = re.compile(r"[\w.-]+")
PARAMETER_TYPES = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}


class AirflowTriggeredRun(TriggeredRun):
    """A run that was triggered on Airflow."""

    @property
    def status(self) -> str | None:
        """Pending, Running, Succeeded or Failed."""
        from metaflow_airflow.commands.deployed_dags import run_status

        return run_status(self.deployer.name, self.run_id)

    @property
    def run_id(self) -> str:
        """The id of the Metaflow run."""
        return str(self.pathspec).partition("/")[2]

    @property
    def is_running(self) -> bool:
        """Whether the run has not ended."""
        return self.status in GOING_ON

    def wait_for_completion(self, check_interval: int = 5, timeout: int | None = None) -> None:
        """Wait for the run's end, well or not.

        Parameters
        ----------
        check_interval : int, default 5
            Seconds between two looks.
        timeout : int, optional, default None
            Most seconds to wait; without end if None.

        Raises
        ------
        TimeoutError
            The run went on for longer than `timeout`.
        """
        begin = time.monotonic()
        while self.is_running:
            if timeout is not None and time.monotonic() - begin > timeout:
                raise TimeoutError(f"{self.pathspec} has not ended within {timeout} seconds.")
            time.sleep(check_interval)

    def terminate(self, authorize: str | None = None) -> bool:
        """Fail the run, which ends its tasks; return whether that was done.

        Parameters
        ----------
        authorize : str, optional, default None
            Authorize using this production token.
        """
        return _run(
            self.deployer, _commands(self.deployer).terminate(run_id=self.run_id, **_given(authorize))
        )


class AirflowDeployedFlow(DeployedFlow):
    """A flow that is deployed on Airflow."""

    TYPE: ClassVar[str | None] = "airflow"

    @classmethod
    def list_deployed_flows(cls, flow_name: str | None = None) -> "Iterator[AirflowDeployedFlow]":
        """Yield the compiled flows that Airflow serves: all of them, or the deployments of one flow."""
        from metaflow_airflow.commands.rest import Airflow
        from metaflow_airflow.compiler.compiled_file import parse_compiled

        airflow = Airflow()
        for dag_id in airflow.dag_ids():
            deployed = parse_compiled(airflow.source(dag_id))
            if deployed and flow_name in (None, deployed.flow):
                yield cls.from_deployment(dag_id)

    @classmethod
    def from_deployment(cls, identifier: str, metadata: str | None = None) -> "AirflowDeployedFlow":
        """Return the deployed flow that is the DAG of this id, once Airflow serves what `create` wrote.

        Parameters
        ----------
        identifier : str
            The DAG's id; with @project `project.branch.FlowName`.
        metadata : str, optional, default None
            Metaflow's metadata provider, as `get_metadata` says it.
        """
        from metaflow_airflow.commands.rest import Airflow, AirflowError
        from metaflow_airflow.commands.serving import wait_until_served
        from metaflow_airflow.compiler.compiled_file import parse_compiled

        airflow = Airflow()
        dag = wait_until_served(airflow, identifier, say=lambda _: None)
        deployed = parse_compiled(airflow.source(identifier))
        if deployed is None or not deployed.flow.isidentifier():
            raise AirflowError(f"The DAG {identifier!r} in Airflow at {airflow.url} is no compiled flow.")
        text = generate_fake_flow_file_contents(
            deployed.flow, _parameters(dag.params or {}), project_name=deployed.project
        )
        folder = tempfile.TemporaryDirectory(prefix="metaflow-deployed-")
        file = Path(folder.name) / "flow.py"
        file.write_text(text)
        options, environment = _project_options(deployed.branch)
        name = {} if deployed.branch else {"name": identifier}
        # The method is put into the class by Metaflow, where no type checker sees it.
        deployer = cast("Any", Deployer(str(file), env=environment, pylint=False, **options)).airflow(**name)
        deployer.generated = folder  # lives as long as the deployer, whose commands run the file
        deployer.name, deployer.flow_name = identifier, deployed.flow
        deployer.metadata = metadata or get_metadata()
        return cls(deployer=deployer)

    @classmethod
    def get_triggered_run(
        cls, identifier: str, run_id: str, metadata: str | None = None
    ) -> AirflowTriggeredRun:
        """Return the run of a deployed flow by its Metaflow run id."""
        deployer = cls.from_deployment(identifier, metadata).deployer
        content = {
            "name": identifier,
            "metadata": deployer.metadata,
            "pathspec": f"{deployer.flow_name}/{run_id}",
        }
        return AirflowTriggeredRun(deployer=deployer, content=json.dumps(content))

    @property
    def production_token(self) -> str | None:
        """The production token of the version that Airflow serves."""
        from metaflow_airflow.commands.deployed_dags import deployed_token

        return deployed_token(self.deployer.name)

    def trigger(self, **kwargs: Any) -> AirflowTriggeredRun:
        """Start a run; the arguments are the flow's parameters.

        Raises
        ------
        RuntimeError
            Airflow has not started a run; the command has said why.
        """
        # Metaflow declares what this yields, and not what it is.
        with cast("Any", temporary_fifo()) as (path, descriptor):
            command = _commands(self.deployer).trigger(deployer_attribute_file=path, **kwargs)
            process = _start(self.deployer, command)
            content = handle_timeout(descriptor, process, self.deployer.file_read_timeout)
            process.sync_wait()
            if process.process.returncode == 0:
                return AirflowTriggeredRun(deployer=self.deployer, content=content)
        raise RuntimeError(f"{self.deployer.name} could not be triggered on Airflow.")

    def delete(self, authorize: str | None = None) -> bool:
        """Delete the DAG and its file; return whether that was done.

        Parameters
        ----------
        authorize : str, optional, default None
            Authorize using this production token.
        """
        return _run(self.deployer, _commands(self.deployer).delete(**_given(authorize)))


def _parameters(params: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a DAG's parameters as Metaflow describes those of a deployed flow."""
    found = {}
    for number, (name, param) in enumerate(params.items()):
        if not PARAMETER_NAME.fullmatch(name):  # it becomes code, and Metaflow has none of that kind
            continue
        kinds = param["schema"].get("type", "JSON")
        kind = next((each for each in [kinds] if isinstance(each, str)), None) or kinds[-1]
        found[name] = {
            "name": name,
            "python_var_name": name if name.isidentifier() else f"parameter_{number}",
            "type": PARAMETER_TYPES.get(kind, "JSON"),
            "description": "",
            "is_required": False,  # Airflow knows, and knows of the defaults too
        }
    return found


def _project_options(branch: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the options and variables with which a flow's command is about that branch of @project."""
    kind, _, name = (branch or "").partition(".")
    if kind == "user":
        return {}, {"METAFLOW_OWNER": name}
    options: dict[str, Any] = {"production": True} if kind == "prod" else {}
    return options | ({"branch": name} if name else {}), {}


def _given(authorize: str | None) -> dict[str, str]:
    return {} if authorize is None else {"authorize": authorize}


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


def _run(deployer: Any, command: list[str]) -> bool:
    process = _start(deployer, command)
    process.sync_wait()
    return process.process.returncode == 0
