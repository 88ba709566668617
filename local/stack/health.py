"""Health checks: whether a service is ready."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.stack.credentials import load_credentials
from local.stack.services import S3
from local.stack.settings import Settings
from local.storage_settings import REGION, create_buckets

TIME_OF_SILENCE = timedelta(seconds=20)  # each job gives a sign of life every 5 s
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


def unanswering_services(settings: Settings) -> list[str]:
    """Return the servers that do not answer now."""
    addresses = {
        S3: f"{settings.s3_url}/healthz",
        "api-server": f"{settings.airflow_url}/api/v2/version",
        "execution-api": f"{settings.execution_api_url}health",
    }
    return [service for service, address in addresses.items() if not _answers(address)]


def silent_services(settings: Settings) -> list[str]:
    """Return the services whose last sign of life is too old; none if Airflow does not answer."""
    health = _answer(f"{settings.airflow_url}/api/v2/monitor/health")
    if health is None:
        return []
    oldest = datetime.now(UTC) - TIME_OF_SILENCE
    return [service for service in _JOB_NAMES if _last_beat(health, service) < oldest]


def _last_beat(health: dict, service: str) -> datetime:
    name = _JOB_NAMES[service]
    beat = (health.get(name) or {}).get(f"latest_{name}_heartbeat")
    return datetime.fromisoformat(beat or "1970-01-01T00:00:00Z")


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
    # An older heartbeat is that of a killed predecessor, which Airflow reports as healthy for a while.
    return job.get("status") == "healthy" and _last_beat(health or {}, service).timestamp() >= started_at


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


def _answers(url: str) -> bool:
    """Return whether an address answers at all."""
    try:
        with _without_proxy.open(url, timeout=5):
            return True
    except HTTPError:
        return True
    except OSError:
        return False
