"""The plugin of dbt-duckdb that `profiles.yml` names."""

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from include.taxi_data.duckdb_s3 import add_s3


class Plugin(BasePlugin):
    """Adds S3 to each of dbt's DuckDB connections."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Add S3; dbt-duckdb calls this for each new connection."""
        add_s3(conn)
