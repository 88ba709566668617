"""How Airflow opens its SQLite database (`[database] sql_alchemy_connect_args`)."""

# Seconds a writer waits for another one before SQLite gives up with "database is locked".
CONNECT_ARGS = {"timeout": 60}
