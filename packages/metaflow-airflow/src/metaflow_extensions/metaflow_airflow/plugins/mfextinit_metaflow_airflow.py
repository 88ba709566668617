"""What this package adds to Metaflow: the `airflow` command, and the decorator that reports to Airflow."""

# An entry named `airflow` replaces Metaflow's own command of that name.
CLIS_DESC = [("airflow", ".airflow_cli.cli")]

# Metaflow's own decorator of this name is for Airflow 2; this one replaces it.
STEP_DECORATORS_DESC = [("airflow_internal", ".airflow_task.decorator.AirflowInternalDecorator")]

# Metaflow's own exporter has no Deployer.
DEPLOYER_IMPL_PROVIDERS_DESC = [("airflow", ".airflow_deployer.AirflowDeployer")]
