"""`Deployer("flow.py").airflow()`: deploying flows to Airflow from Python."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from metaflow.runner.deployer_impl import DeployerImpl

if TYPE_CHECKING:
    from metaflow_extensions.metaflow_airflow.plugins.airflow_deployer_objects import AirflowDeployedFlow


class AirflowDeployer(DeployerImpl):
    """Deployer implementation for Airflow.

    Parameters
    ----------
    name : str, optional, default None
        The DAG's id. The flow's name is used if this is not given.
    """

    TYPE: ClassVar[str | None] = "airflow"

    def __init__(self, deployer_kwargs: dict[str, Any], **kwargs: Any) -> None:
        self._deployer_kwargs = deployer_kwargs
        super().__init__(**kwargs)

    @property
    def deployer_kwargs(self) -> dict[str, Any]:
        """The options of the `airflow` command group."""
        return self._deployer_kwargs

    @staticmethod
    def deployed_flow_type() -> "type[AirflowDeployedFlow]":
        """Return the class of what `create` returns."""
        from metaflow_extensions.metaflow_airflow.plugins.airflow_deployer_objects import AirflowDeployedFlow

        return AirflowDeployedFlow

    def create(self, **kwargs: Any) -> "AirflowDeployedFlow":
        """Compile the flow into a DAG file.

        Parameters
        ----------
        **kwargs : Any
            The options of `airflow create`, as follows.
        file : str, optional, default None
            The file to write; a file in Airflow's DAGs folder if not given.
        authorize : str, optional, default None
            Authorize with this production token.
        generate_new_token : bool, optional, default False
            Move the flow to a new production token.
        given_token : str, optional, default None
            Move the flow to this production token.
        tags : list of str, optional, default None
            Tag the DAG and all its Metaflow runs.
        user_namespace : str, optional, default None
            Metaflow's namespace inside the steps.
        max_workers : int, optional, default None
            Most tasks that run at the same time.
        workflow_timeout : int, optional, default None
            Seconds after which a run fails.
        worker_pool : str, optional, default None
            The Airflow pool of the tasks.
        is_paused_upon_creation : bool, optional, default False
            Create the DAG paused.

        Returns
        -------
        AirflowDeployedFlow
            The flow deployed to Airflow.
        """
        return cast("AirflowDeployedFlow", self._create(self.deployed_flow_type(), **kwargs))

    def from_deployment(self, identifier: str, metadata: str | None = None) -> "AirflowDeployedFlow":
        """Return the flow that is deployed as this DAG, as `DeployedFlow.from_deployment` does."""
        return self.deployed_flow_type().from_deployment(identifier, metadata)


_addl_stubgen_modules = ["metaflow_extensions.metaflow_airflow.plugins.airflow_deployer_objects"]
