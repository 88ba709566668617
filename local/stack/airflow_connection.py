"""How Airflow connects to its SQLite database (`[database] sql_alchemy_connect_args`)."""

# Seconds that a writer waits for another one before SQLite raises "database is locked".
CONNECT_ARGS = {"timeout": 60}
