"""Selects the runner that Airflow's configuration names, `[metaflow] runner`."""

from airflow.providers.common.compat.sdk import AirflowFailException

from metaflow_airflow.runners.request import Runner


def configured_runner() -> Runner:
    """Return the runner named in Airflow's configuration, by default `kubernetes`.

    Raises:
        AirflowFailException: If there is no runner of that name.
    """
    from airflow.providers.common.compat.sdk import conf

    # Imported only when needed: a DAG file must not load each runner's libraries when it is parsed.
    match name := conf.get("metaflow", "runner", fallback="kubernetes"):
        case "local":
            from metaflow_airflow.runners.local import LocalRunner

            return LocalRunner()
        case "kubernetes":
            from metaflow_airflow.runners.kubernetes.runner import KubernetesRunner

            return KubernetesRunner()
    raise AirflowFailException(
        f"There is no runner {name!r}: set AIRFLOW__METAFLOW__RUNNER to 'kubernetes' or 'local'."
    )
