"""What runs one Metaflow task for Airflow, on a worker or in a pod; it travels inside the code package."""
