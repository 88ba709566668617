"""Reports in one message what this pod cannot reach, before it downloads the flow's code.

Standard library only: a pod runs the source of this module with `python -c`.
"""

import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

UNREACHABLE = 69  # EX_UNAVAILABLE of sysexits.h
TRIES = 3
TIMEOUT_SECONDS = 5
PAUSE_SECONDS = 2
PORTS = {"http": 80, "https": 443}
# By variable: the service at that URL, and the setting on the Airflow side that changes it.
NEEDED = {
    "METAFLOW_S3_ENDPOINT_URL": ("S3", "METAFLOW_S3_ENDPOINT_URL"),
    "METAFLOW_SERVICE_URL": ("the metadata service", "METAFLOW_SERVICE_INTERNAL_URL"),
}


def problem_of(url: str) -> str:
    """Return why nothing can be reached at a URL; empty if something can."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme in getproxies() and not proxy_bypass(host):
        return ""  # requests go to the proxy, so the host itself need not be reachable
    problem = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        try:
            address = (host, parts.port or PORTS.get(parts.scheme, 443))
            socket.create_connection(address, timeout=TIMEOUT_SECONDS).close()
        except OSError as error:
            problem = error.strerror or str(error)
        else:
            return ""
    return problem


def unreachable(environment: "os._Environ[str] | dict[str, str]") -> str:
    """Return a message about the first URL in the environment that cannot be reached; empty if all can."""
    for name, (what, setting) in NEEDED.items():
        url = environment.get(name)
        if url and (problem := problem_of(url)):
            return (
                f"Pods cannot reach {what} at {url} ({problem}): start it, or set {setting} on Airflow's "
                "workers to an address that can be reached from inside the cluster."
            )
    return ""


if __name__ == "__main__" and (message := unreachable(os.environ)):
    print(message, flush=True)
    Path(os.environ["METAFLOW_AIRFLOW_RESULT"]).write_text(message)
    sys.exit(UNREACHABLE)
