"""Starting, querying and stopping supervisord, which keeps the services running."""

import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ProtocolError, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from local.errors import StackError
from local.stack.environment import process_environment
from local.stack.processes import marks
from local.stack.settings import Settings

CONFIGURATION = Path(__file__).with_name("supervisord.conf")
SECONDS_TO_START = 20
CONNECTION_ERRORS = (OSError, HTTPException, Fault, ProtocolError)
ALREADY_STARTED = 60  # supervisor.xmlrpc.Faults


def connect(settings: Settings) -> Any | None:
    """Return the RPC interface of the running supervisord, None if none answers."""
    if not settings.socket.exists():
        return None
    transport = SupervisorTransport(None, None, serverurl=f"unix://{settings.socket}")
    supervisor: Any = ServerProxy("http://localhost", transport=transport).supervisor
    try:
        return supervisor if supervisor.getState()["statename"] == "RUNNING" else None
    except CONNECTION_ERRORS:
        return None


def require_connection(settings: Settings) -> Any:
    """Return the RPC interface of the running supervisord. Raises StackError if it has just been killed."""
    if supervisor := connect(settings):
        return supervisor
    raise StackError(f"supervisord of {settings.state} was killed meanwhile: run the same command again.")


def start_daemon(settings: Settings) -> Any:
    """Start supervisord in the background, without any service yet, and return its RPC interface."""
    settings.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.socket.unlink(missing_ok=True)
    environment = {
        **process_environment(settings),
        **marks(settings.state),
        "STACK_SOCKET": str(settings.socket),
    }
    started = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(CONFIGURATION)],
        env=environment,
        cwd=settings.state,
        capture_output=True,
        text=True,
    )
    deadline = time.monotonic() + SECONDS_TO_START
    while started.returncode == 0 and time.monotonic() < deadline:
        if supervisor := connect(settings):
            return supervisor
        time.sleep(0.1)
    raise StackError(
        f"supervisord, which runs the services, did not start: {started.stderr.strip() or 'no answer'}. "
        f"See {settings.logs / 'supervisord.log'}."
    )


def start_service(supervisor: Any, service: str) -> None:
    """Start a service unless it is running, and return without waiting until it is ready."""
    try:
        supervisor.startProcess(service, False)
    except Fault as fault:
        if fault.faultCode != ALREADY_STARTED:
            raise


def stop_daemon(settings: Settings) -> None:
    """Stop all services at once, then supervisord, and return when its socket is gone."""
    supervisor = connect(settings)
    if not supervisor:
        return
    with suppress(*CONNECTION_ERRORS):
        supervisor.stopAllProcesses(True)
        supervisor.shutdown()
    deadline = time.monotonic() + SECONDS_TO_START
    while settings.socket.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
