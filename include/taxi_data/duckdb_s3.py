"""dbt-duckdb plugin: S3 through Airflow's connection, so that no profile, log or environment holds a key."""

from importlib.resources import files
from urllib.parse import urlsplit

import duckdb
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from dbt.adapters.duckdb.plugins import BasePlugin

from include.taxi_data.storage import CONNECTION


class Plugin(BasePlugin):
    """Give each DuckDB connection of dbt the S3 extension, and the address and keys of aws_default."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Load the extension that PyPI brought (DuckDB would download it) and create the S3 secret."""
        extensions = files("duckdb_extension_httpfs") / "extensions"
        conn.load_extension(str(extensions / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"))
        hook = S3Hook(CONNECTION)
        keys = hook.get_credentials()
        endpoint = urlsplit(hook.conn.meta.endpoint_url)
        conn.execute(
            "create secret (type s3, key_id $key, secret $secret, session_token $token, region $region,"
            " endpoint $endpoint, use_ssl $ssl, url_style 'path')",
            {
                "key": keys.access_key,
                "secret": keys.secret_key,
                "token": keys.token or "",
                "region": hook.conn.meta.region_name,
                "endpoint": endpoint.netloc,
                "ssl": endpoint.scheme == "https",
            },
        )
