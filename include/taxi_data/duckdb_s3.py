"""S3 in DuckDB through Airflow's connection: no profile, log or environment variable holds a key."""

from importlib.resources import files
from urllib.parse import urlsplit

import duckdb
from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from include.taxi_data.storage import CONNECTION

OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Settings that keep DuckDB from downloading extensions; dbt's `profiles.yml` repeats them."""


def add_s3(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the S3 extension, installed from PyPI, and set the address and keys of connection aws_default."""
    extensions = files("duckdb_extension_httpfs") / "extensions"
    connection.load_extension(str(extensions / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"))
    hook = S3Hook(CONNECTION)
    keys = hook.get_credentials()
    endpoint = urlsplit(hook.conn.meta.endpoint_url)
    connection.execute(
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
