"""Run one Metaflow task: `python -m metaflow_extensions.metaflow_airflow.plugins.airflow_task`."""

from metaflow_extensions.metaflow_airflow.plugins.airflow_task.entry import enter
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.launch import main

enter(main)
