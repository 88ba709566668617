"""Runs one Metaflow task for Airflow, on a worker or in a pod; part of every code package."""
