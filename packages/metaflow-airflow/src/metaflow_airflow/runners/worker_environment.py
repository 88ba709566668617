"""The environment variables of a worker that its steps inherit."""

import os

# Airflow's own configuration: it holds the key of Airflow's connections, the secret that signs its tokens and
# the address of its database. No step needs them, and a step may print or send its environment.
AIRFLOW_SETTINGS = "AIRFLOW__"


def inherited_variables() -> dict[str, str]:
    """Return this process's environment variables without Airflow's own configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith(AIRFLOW_SETTINGS)}
