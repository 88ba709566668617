"""The services of the stack and their command lines."""

import sys
from pathlib import Path

from local.stack.s3_security import identities_file, security_folder
from local.stack.settings import HOST, Settings

S3 = "s3"
# The API that tasks use has a process of its own. With SQLite, a user's request waits for the database in the
# event loop that has to finish a task's transaction: in one process, the two would deadlock.
AIRFLOW_SERVICES = ("api-server", "execution-api", "scheduler", "dag-processor", "triggerer")
SERVICES = (S3, *AIRFLOW_SERVICES)


def command(service: str, settings: Settings) -> list[str]:
    """Return the command line of a service."""
    if service == S3:
        return _seaweedfs(settings)
    if service == "execution-api":
        port = str(settings.ports.internal["execution_api"])
        return [sys.executable, "-m", "airflow", "api-server", "--apps", "execution", "--port", port]
    if service == "api-server":
        return [sys.executable, "-m", "airflow", service, "--apps", "core"]
    # The API server reads task logs from disk. The log servers, which listen on all networks, are not needed.
    log_server_off = ["--skip-serve-logs"] if service in ("scheduler", "triggerer") else []
    return [sys.executable, "-m", "airflow", service, *log_server_off]


def seaweedfs_sockets(settings: Settings) -> list[Path]:
    """Return the Unix sockets that SeaweedFS creates in /tmp and leaves there when it is killed."""
    names = [f"s3-{settings.ports.s3}"]
    for name, port in settings.ports.internal.items():
        kind = f"{name.removesuffix('_grpc')}-grpc" if name.endswith("_grpc") else name
        names.append(f"{kind}-{port}")
    return [Path(f"/tmp/seaweedfs-{name}.sock") for name in names]  # noqa: S108 - SeaweedFS's choice


def _seaweedfs(settings: Settings) -> list[str]:
    data = settings.state / "s3"
    options = {
        "dir": data,
        "ip": HOST,
        "ip.bind": HOST,
        # It hands out the tokens that the other servers require, to everyone on this machine.
        "disableHttp": "true",
        "master.port": settings.ports.internal["master"],
        "master.port.grpc": settings.ports.internal["master_grpc"],
        "master.electionTimeout": "1s",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 256,
        "volume.port": settings.ports.internal["volume"],
        "volume.port.grpc": settings.ports.internal["volume_grpc"],
        "volume.max": 0,  # as many as fit on the disk; two buckets need more than the default 8
        "volume.minFreeSpace": "500MiB",  # the default, a percentage, stops writes early on a large disk
        "volume.preStopSeconds": 0,
        "filer": "true",
        "filer.port": settings.ports.internal["filer"],
        "filer.port.grpc": settings.ports.internal["filer_grpc"],
        "s3": "true",
        "s3.port": settings.ports.s3,
        "s3.port.grpc": settings.ports.internal["s3_grpc"],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.config": identities_file(settings),
    }
    weed = str(Path(sys.executable).parent / "weed")
    logging = [f"-config_dir={security_folder(settings)}", "-logtostderr=true"]
    return [weed, *logging, "server", *(f"-{name}={value}" for name, value in options.items())]
