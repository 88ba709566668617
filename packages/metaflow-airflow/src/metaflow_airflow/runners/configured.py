"""Chooses the runner that Airflow's setting `[metaflow] runner` names."""

from airflow.providers.common.compat.sdk import AirflowFailException

from metaflow_airflow.runners.request import Runner


def configured_runner() -> Runner:
    """Return the runner that Airflow's configuration names (`kubernetes` when it names none).

    Raises AirflowFailException when there is no runner of that name.
    """
    from airflow.providers.common.compat.sdk import conf

    # Imported when needed: each brings libraries that a DAG file must not load when it is parsed.
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
