"""Whether S3 answers: Metaflow itself would try for minutes before it says that it does not."""

from typing import Any
from urllib.parse import urlsplit

from metaflow.metaflow_config import DATATOOLS_CLIENT_PARAMS
from metaflow.plugins.datatools.s3.s3util import get_s3_client

from metaflow_airflow.compiler.errors import NoDatastore

SETTINGS = "or set METAFLOW_DATASTORE_SYSROOT_S3, METAFLOW_S3_ENDPOINT_URL and the AWS credentials"
TIMEOUT_SECONDS = 4  # for each of two attempts, to connect and to answer


def require_datastore(state: Any) -> None:
    """Check within seconds that S3 answers, before something is uploaded to it.

    Args:
        state: The object of Metaflow's command line.

    Raises:
        NoDatastore: It does not answer, has no such bucket, or this machine has no credentials.
    """
    if state.flow_datastore.TYPE != "s3":
        return
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    params = dict(DATATOOLS_CLIENT_PARAMS)
    given = params.get("config") or {}
    few_attempts = Config(
        connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 2}
    )
    params["config"] = (given if isinstance(given, Config) else Config(**given)).merge(few_attempts)
    root = state.flow_datastore.datastore_root
    try:
        client, _ = get_s3_client(s3_client_params=params)
        client.head_bucket(Bucket=urlsplit(root).netloc)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise NoDatastore(f"There is no bucket for {root}: create it, {SETTINGS}.") from None
        # Otherwise it answers: these keys may be allowed to upload, but not to ask for the bucket.
    except BotoCoreError as error:
        raise NoDatastore(f"{root} cannot be reached ({error}): start the S3 server, {SETTINGS}.") from None
