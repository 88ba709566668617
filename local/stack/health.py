"""Health checks: whether a service is ready."""

import json
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.stack.credentials import load_credentials
from local.stack.services import S3
from local.stack.settings import Settings
from local.storage_settings import REGION, create_buckets

_JOB_NAMES = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}
_without_proxy = build_opener(ProxyHandler({}))


def s3_client(settings: Settings) -> Any:
    """Return a boto3 client of the stack's S3 server."""
    credentials = load_credentials(settings.state)
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_url,
        region_name=REGION,
        aws_access_key_id=credentials.s3_access_key,
        aws_secret_access_key=credentials.s3_secret_key,
        config=Config(proxies={}, retries={"total_max_attempts": 2}, connect_timeout=2, read_timeout=30),
    )


def is_ready(service: str, settings: Settings, started_at: float) -> bool:
    """Return whether a service that was started at this Unix time is ready."""
    if service == S3:
        return _s3_is_ready(settings)
    if service == "execution-api":
        return _answer(f"{settings.execution_api_url}health") is not None
    health = _answer(f"{settings.airflow_url}/api/v2/monitor/health")
    if service == "api-server":
        return health is not None
    job = (health or {}).get(_JOB_NAMES[service]) or {}
    beat = job.get(f"latest_{_JOB_NAMES[service]}_heartbeat") or "1970-01-01T00:00:00Z"
    # An older heartbeat is that of a killed predecessor, which Airflow reports as healthy for a while.
    return job.get("status") == "healthy" and datetime.fromisoformat(beat).timestamp() >= started_at


def _s3_is_ready(settings: Settings) -> bool:
    """Create the buckets, which works only if everything behind the S3 server does."""
    try:
        create_buckets(s3_client(settings))
    except (BotoCoreError, ClientError):
        return False
    return True


def _answer(url: str) -> dict | None:
    """Return the JSON that an address answers with, None if it does not answer."""
    try:
        with _without_proxy.open(url, timeout=5) as answer:
            return json.load(answer)
    except (OSError, URLError, ValueError):
        return None
