"""What the `airflow` command line and Metaflow's Deployer do with flows on Airflow."""
