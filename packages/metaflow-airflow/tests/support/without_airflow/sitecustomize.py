"""On PYTHONPATH, makes Python behave as on a machine that deploys flows and has no Airflow."""

import sys

sys.modules["airflow"] = None  # type: ignore[assignment]
