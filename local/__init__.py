"""The embedded stack: an S3 server and Airflow on one machine, without Docker or root."""
