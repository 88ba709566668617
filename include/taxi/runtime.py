"""Where a step runs."""

import os


def is_on_airflow() -> bool:
    """Return whether Airflow runs this step; otherwise a person does, with `python include/….py run`."""
    return os.environ.get("METAFLOW_RUNTIME_NAME") == "airflow"
