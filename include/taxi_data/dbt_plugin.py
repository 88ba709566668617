"""dbt-duckdb plugin, named in `profiles.yml`."""

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from include.taxi_data.duckdb_s3 import add_s3


class Plugin(BasePlugin):
    """Give each DuckDB connection of dbt S3."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called by dbt-duckdb when it has connected."""
        add_s3(conn)
