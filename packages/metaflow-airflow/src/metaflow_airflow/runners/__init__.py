"""Where steps run: as a process on the Airflow worker, or as a pod."""
