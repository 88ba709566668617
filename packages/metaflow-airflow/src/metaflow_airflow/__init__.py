"""Compile Metaflow flows into Airflow 3 DAGs."""

__version__ = "0.1.0"
