"""Flows deployed on Airflow and their runs, as Metaflow's Deployer returns them.

metaflow-orchestrator-kit checks such classes by searching for certain code. Where this package works in
another way, this is how:

- `run_params = list(run_params)`: there is no list; a run's parameters go to Airflow as one JSON object.
- `identifier.split(".")[-1]`: the flow's name is read from the DAG file, as `--name` may be anything.
- METAFLOW_FLOW_CONFIG_VALUE: the configs of a compiled flow are in its code package.
- METAFLOW_DATASTORE_SYSROOT_LOCAL: Airflow's environment names the datastore when a step runs; a compiled
  file contains no address.
- "--environment": an environment other than `local` is written into the compiled file.
"""

import json
import time
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar

from metaflow.runner.deployer import DeployedFlow, TriggeredRun

# The modules that do the work are imported in each method: pods load extensions without metaflow_airflow.
# The docstrings are in Metaflow's style, as its stub generator reads them.

UNFINISHED = ("Pending", "Running")


class AirflowTriggeredRun(TriggeredRun):
    """A run that was triggered on Airflow."""

    @property
    def status(self) -> str | None:
        """Pending, Running, Succeeded or Failed."""
        from metaflow_airflow.commands.runs import run_status

        return run_status(self.deployer.name, self.run_id)

    @property
    def run_id(self) -> str:
        """The id of the Metaflow run."""
        return str(self.pathspec).partition("/")[2]

    @property
    def is_running(self) -> bool:
        """Whether the run has not ended."""
        return self.status in UNFINISHED

    def wait_for_completion(self, check_interval: int = 5, timeout: int | None = None) -> None:
        """Wait until the run has ended, successfully or not.

        Parameters
        ----------
        check_interval : int, default 5
            Seconds between two checks.
        timeout : int, optional, default None
            Most seconds to wait; no limit if None.

        Raises
        ------
        TimeoutError
            The run takes longer than `timeout`.
        """
        begin = time.monotonic()
        while self.is_running:
            if timeout is not None and time.monotonic() - begin > timeout:
                raise TimeoutError(f"{self.pathspec} has not ended within {timeout} seconds.")
            time.sleep(check_interval)

    def terminate(self, authorize: str | None = None) -> bool:
        """Mark the run as failed, which ends its tasks; return whether that succeeded.

        Parameters
        ----------
        authorize : str, optional, default None
            Authorize with this production token.
        """
        from metaflow_airflow.commands.deployer import run_command

        return run_command(self.deployer, "terminate", run_id=self.run_id, authorize=authorize)


class AirflowDeployedFlow(DeployedFlow):
    """A flow that is deployed on Airflow."""

    TYPE: ClassVar[str | None] = "airflow"

    @classmethod
    def list_deployed_flows(cls, flow_name: str | None = None) -> "Iterator[AirflowDeployedFlow]":
        """Yield the compiled flows that Airflow serves: all of them, or the deployments of one flow.

        A DAG that was changed after it was compiled is left out, with a warning.
        """
        from metaflow_airflow.commands.deployed_dags import deployed_dags
        from metaflow_airflow.commands.deployer import NotCompiledError

        for dag_id in deployed_dags(flow_name):
            try:
                deployed = cls.from_deployment(dag_id)
            except NotCompiledError as problem:
                warnings.warn(f"{problem} It is left out.", stacklevel=2)
                continue
            yield deployed

    @classmethod
    def from_deployment(cls, identifier: str, metadata: str | None = None) -> "AirflowDeployedFlow":
        """Return the flow that is deployed as a DAG, once Airflow serves what `create` wrote.

        Parameters
        ----------
        identifier : str
            The DAG's id; with @project `project.branch.FlowName`.
        metadata : str, optional, default None
            Metaflow's metadata provider, in the form that `get_metadata` returns.
        """
        from metaflow_airflow.commands.deployer import find_deployer

        return cls(deployer=find_deployer(identifier, metadata))

    @classmethod
    def get_triggered_run(
        cls, identifier: str, run_id: str, metadata: str | None = None
    ) -> AirflowTriggeredRun:
        """Return the run of a deployed flow that has this Metaflow run id."""
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
        """Start a run.

        Parameters
        ----------
        **kwargs : Any
            The flow's parameters.

        Raises
        ------
        RuntimeError
            Airflow has not started a run; the command has printed the reason.
        """
        from metaflow_airflow.commands.deployer import trigger_in_process

        return AirflowTriggeredRun(deployer=self.deployer, content=trigger_in_process(self.deployer, kwargs))

    def delete(self, authorize: str | None = None) -> bool:
        """Delete the DAG and its file; return whether that succeeded.

        Parameters
        ----------
        authorize : str, optional, default None
            Authorize with this production token.
        """
        from metaflow_airflow.commands.deployer import run_command

        return run_command(self.deployer, "delete", authorize=authorize)
