"""What runs a step for its operator: a process on the Airflow worker, or a pod."""
