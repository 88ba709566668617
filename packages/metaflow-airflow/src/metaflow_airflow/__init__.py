"""Compile Metaflow flows into Airflow 3 DAGs."""
