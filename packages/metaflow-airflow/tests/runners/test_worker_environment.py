"""Steps inherit a worker's environment, but none of Airflow's own secrets."""

import pytest
from metaflow_airflow.runners.worker_environment import inherited_variables


@pytest.mark.parametrize(
    "secret",
    [
        "AIRFLOW__CORE__FERNET_KEY",
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD",
        "AIRFLOW__CELERY__BROKER_URL",
        "AIRFLOW__SMTP__SMTP_PASSWORD",
        "AIRFLOW__SECRETS__BACKEND_KWARGS",
    ],
)
def test_steps_do_not_inherit_airflows_secrets(secret, monkeypatch):
    monkeypatch.setenv(secret, "hidden")
    assert "hidden" not in inherited_variables().values()


@pytest.mark.parametrize(
    "needed", ["AIRFLOW_CTX_DAG_ID", "METAFLOW_DEFAULT_DATASTORE", "AWS_SECRET_ACCESS_KEY", "API_TOKEN"]
)
def test_steps_inherit_everything_else(needed, monkeypatch):
    monkeypatch.setenv(needed, "kept")
    assert inherited_variables()[needed] == "kept"
