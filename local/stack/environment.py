"""The environment variables that make Airflow, Metaflow, dbt and boto3 use this stack."""

import json
import os
import shlex
import sys
from pathlib import Path

from local.stack.credentials import Credentials, load_credentials, write_private
from local.stack.settings import HOST, REPOSITORY, Settings
from local.storage_settings import REGION, datastore_settings

AIRFLOW_USER = "admin"
PARALLELISM = str(2 * (os.cpu_count() or 1))  # tasks at once; each may start a process
# Settings of the user's own accounts, with which parts of the pipeline would use other servers.
REMOVED = (
    "AWS_ENDPOINT_URL",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
    "METAFLOW_AIRFLOW_PASSWORD",
    "METAFLOW_AIRFLOW_TOKEN",
    "METAFLOW_AIRFLOW_USERNAME",
    "METAFLOW_DATASTORE_SYSROOT",
    "METAFLOW_PROFILE",
    "METAFLOW_SERVICE_URL",
)


def stack_variables(settings: Settings) -> dict[str, str]:
    """Return the stack's environment variables, including secrets."""
    credentials = load_credentials(settings.state)
    return {
        **_paths(settings),
        **_s3(settings, credentials),
        **_airflow(settings, credentials),
        **_metaflow(settings),
        **_login(settings, credentials),
        **_silence(),
    }


def process_environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment with the stack's variables and without the user's own settings."""
    own = {name: value for name, value in os.environ.items() if name not in REMOVED}
    return {**own, **stack_variables(settings)}


def use_stack(settings: Settings) -> None:
    """Make `process_environment` the environment of this process."""
    environment = process_environment(settings)
    os.environ.clear()
    os.environ.update(environment)


def write_env_file(settings: Settings) -> None:
    """Write the file that people source in bash; it extends the shell's PATH and proxy exceptions."""
    lines = ["# Source this in bash to use the local stack by hand. Written by `make run`; holds secrets."]
    lines += [f"unset {' '.join(REMOVED)}"]
    lines += [f"export {name}={shlex.quote(text)}" for name, text in stack_variables(settings).items()]
    bin_folder = shlex.quote(str(Path(sys.executable).parent))
    for name, added, separator in (
        ("PATH", bin_folder, ":"),
        ("NO_PROXY", HOST, ","),
        ("no_proxy", HOST, ","),
    ):
        lines = [line for line in lines if not line.startswith(f"export {name}=")]
        lines.append(f'export {name}={shlex.quote(added)}"${{{name}:+{separator}${name}}}"')
    write_private(settings.env_file, "\n".join(lines) + "\n")


def write_standalone_file(settings: Settings) -> Path:
    """Write the file with which `astro dev start --standalone` uses this stack's storage; return its path."""
    credentials = load_credentials(settings.state)
    variables = {
        **_s3(settings, credentials),
        **_metaflow(settings),
        **_silence(),
        "AIRFLOW__API__HOST": HOST,  # the CLI's Airflow has no login and would listen on all networks
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": PARALLELISM,
        "AIRFLOW__METAFLOW__RUNNER": "local",
        "AIRFLOW__METAFLOW__CODE_CACHE": str(settings.state / "code-cache"),
    }
    file = settings.state / "standalone.env"
    write_private(file, "".join(f"{name}={text}\n" for name, text in variables.items()))
    return file


def _paths(settings: Settings) -> dict[str, str]:
    variables = {
        "STACK_DIR": str(settings.state),
        "S3_PORT": str(settings.ports.s3),
        "AIRFLOW_PORT": str(settings.ports.airflow),
        "RAW_DATA_FILE": str(settings.raw_data_file),
        "DAGS_FOLDER": os.pathsep.join(map(str, settings.dags_folders)),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(REPOSITORY),  # DAGs import `include.…`, as they do on Astro Runtime
    }
    for name in ("NO_PROXY", "no_proxy"):  # a proxy cannot reach this machine's loopback interface
        variables[name] = ",".join(filter(None, [HOST, os.environ.get(name)]))
    return variables


def _s3(settings: Settings, credentials: Credentials) -> dict[str, str]:
    connection = {
        "conn_type": "aws",
        "login": credentials.s3_access_key,
        "password": credentials.s3_secret_key,
        "extra": {"endpoint_url": settings.s3_url, "region_name": REGION},
    }
    return {
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection),
        "AWS_ACCESS_KEY_ID": credentials.s3_access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.s3_secret_key,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_S3": settings.s3_url,
    }


def _airflow(settings: Settings, credentials: Credentials) -> dict[str, str]:
    secrets = {
        "AIRFLOW__CORE__FERNET_KEY": credentials.airflow_fernet_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": credentials.airflow_jwt_secret,
        "AIRFLOW__API__SECRET_KEY": credentials.airflow_secret_key,
    }
    return {
        "AIRFLOW_HOME": str(settings.state / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.dags_folder),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(_dag_bundles(settings)),
        "AIRFLOW__CORE__EXECUTOR": "local.stack.executor.LocalExecutor",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "local/stack/airflow_plugins"),
        "AIRFLOW__CORE__PARALLELISM": PARALLELISM,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": settings.execution_api_url,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": str(not settings.login),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:ADMIN",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(settings.ports.airflow),
        "AIRFLOW__API__BASE_URL": settings.airflow_url,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS": "local.stack.airflow_connection.CONNECT_ARGS",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS_ASYNC": "local.stack.airflow_connection.CONNECT_ARGS",
        # For a developer's machine: new files and finished tasks are noticed within two seconds.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        # A worker that just misses the end of its task sleeps for this long (seconds).
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        # A killed scheduler or task is noticed within one minute instead of five.
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "AIRFLOW__METAFLOW__RUNNER": "local",
        "AIRFLOW__METAFLOW__CODE_CACHE": str(settings.state / "code-cache"),
        **secrets,
    }


def passwords_file(settings: Settings) -> Path:
    """Return the file with the passwords of Airflow's users."""
    return settings.state / "airflow-passwords.json"


def write_passwords(settings: Settings) -> None:
    """Write the file with the passwords of Airflow's users, which Airflow reads if it has a login."""
    password = load_credentials(settings.state).airflow_password
    write_private(passwords_file(settings), json.dumps({AIRFLOW_USER: password}) + "\n")


def login_note(settings: Settings) -> str:
    """Return what to tell the user about Airflow's login; empty if it has none."""
    if not settings.login:
        return ""
    password = load_credentials(settings.state).airflow_password
    return f"Log in to Airflow as {AIRFLOW_USER} with the password {password}"


def _login(settings: Settings, credentials: Credentials) -> dict[str, str]:
    """Return the login of the engine's own client, if Airflow has one."""
    if not settings.login:
        return {}
    return {
        "METAFLOW_AIRFLOW_USERNAME": AIRFLOW_USER,
        "METAFLOW_AIRFLOW_PASSWORD": credentials.airflow_password,
    }


def _silence() -> dict[str, str]:
    """Return the variables that turn off telemetry."""
    return {
        "DO_NOT_TRACK": "1",
        "SCARF_NO_ANALYTICS": "true",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    }


def _dag_bundles(settings: Settings) -> list[dict]:
    """Return one DAG bundle per folder; the first has Airflow's default name."""
    names = ["dags-folder", *(f"dags-folder-{i}" for i in range(2, len(settings.dags_folders) + 1))]
    loader = "airflow.dag_processing.bundles.local.LocalDagBundle"
    return [
        {"name": name, "classpath": loader, "kwargs": {"path": str(folder)}}
        for name, folder in zip(names, settings.dags_folders, strict=True)
    ]


def _metaflow(settings: Settings) -> dict[str, str]:
    variables = {
        "METAFLOW_HOME": str(settings.state / "metaflow-home"),  # not the user's own configuration
        **datastore_settings(settings.s3_url),
        # A server on this machine recovers within seconds or not at all; Metaflow's defaults are 7 and 20.
        "METAFLOW_S3_RETRY_COUNT": "3",
        "METAFLOW_S3_TRANSIENT_RETRY_COUNT": "3",
        # Metaflow would start up to 64 processes, one per artifact, which is slower here.
        "METAFLOW_S3_WORKER_COUNT": str(os.cpu_count() or 1),
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(settings.state / "metaflow"),
        "METAFLOW_AIRFLOW_API_URL": settings.airflow_url,
        "METAFLOW_AIRFLOW_DAGS_FOLDER": str(settings.dags_folder),
    }
    if user := _metaflow_user():
        variables["METAFLOW_USER"] = user
    return variables


def _metaflow_user() -> str | None:
    """Return the user name for Metaflow, None if it finds one that it accepts."""
    if given := os.environ.get("METAFLOW_USER"):
        return given
    users = {os.environ.get(name) for name in ("SUDO_USER", "USERNAME", "USER")}
    return None if users - {None, "", "root"} else "local"  # in a bare container there is none, or root
