"""Starting, repairing and stopping the stack."""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.metadata import version
from threading import Event

from filelock import FileLock, Timeout

from local.errors import StackError
from local.stack.airflow_database import migrate
from local.stack.credentials import write_private
from local.stack.daemon import (
    CONNECTION_ERRORS,
    connect,
    require_connection,
    start_daemon,
    start_service,
    stop_daemon,
)
from local.stack.environment import stack_variables, write_env_file, write_passwords
from local.stack.free_ports import holder, is_free
from local.stack.health import is_ready
from local.stack.processes import end_stack
from local.stack.s3_security import write_s3_secrets
from local.stack.services import AIRFLOW_SERVICES, S3, SERVICES, seaweedfs_sockets
from local.stack.settings import REPOSITORY, Settings, save_login, with_internal_ports

Show = Callable[[str, str, float], None]  # name of a part, its state, seconds it took
LEAST_FREE_DISK = 3 * 1024**3
SECONDS_TO_BE_READY = 180
SECONDS_TO_WAIT_FOR_ANOTHER = 300
UP = ("STARTING", "RUNNING")
DOWN = ("STOPPED", "EXITED", "FATAL")
# Differences between two shells that do not affect a running stack.
_NOT_COMPARED = ("PATH", "NO_PROXY", "no_proxy", "METAFLOW_USER", "HOME")


def up(settings: Settings, show: Show) -> Settings:
    """Start what is not running, repair what is broken, and return once everything is ready.

    `show` is called once per part of the stack.

    Returns:
        The settings with all ports.

    Raises:
        StackError: the stack cannot be started.
    """
    return _up(settings, show, _start_services)


def storage_up(settings: Settings, show: Show) -> Settings:
    """Start only S3, for an Airflow that is not the stack's own; otherwise like `up`."""
    return _up(settings, show, _start_storage)


def _up(settings: Settings, show: Show, start: Callable[[Settings, Show], None]) -> Settings:
    _make_state_directory(settings)
    with _only_one(settings):
        supervisor = connect(settings)
        if not supervisor or _fingerprint(settings) != _running_fingerprint(settings):
            settings = _start_over(settings)
        start(settings, show)
    return settings


def restart(service: str, settings: Settings, show: Show) -> None:
    """Stop a service, start it again, and return once it is ready.

    Raises:
        StackError: the service cannot be started, or supervisord has just been killed.
    """
    with _only_one(settings):
        supervisor = require_connection(settings)
        with suppress(*CONNECTION_ERRORS):  # a fault if it is not running
            supervisor.stopProcess(service, True)
        _start_service(service, settings, show, Event())


def down(settings: Settings) -> None:
    """Stop all processes of the stack, including those whose parent was killed."""
    if settings.state.is_dir():
        with _only_one(settings):
            (settings.state / "running").unlink(missing_ok=True)
            _stop_all(settings)


def is_wanted(settings: Settings) -> bool:
    """Return whether the stack was started, and not stopped on purpose since."""
    return (settings.state / "running").exists()


def _make_state_directory(settings: Settings) -> None:
    try:
        for folder in (settings.state, settings.logs, settings.state / "s3", settings.state / "airflow"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (settings.state / "metaflow").mkdir(exist_ok=True)
        (settings.state / ".gitignore").write_text("*\n")
    except OSError as error:
        raise StackError(
            f"Cannot write to {settings.state}: {error.strerror}. Make it writable, or set STACK_DIR to a "
            "directory that is writable."
        ) from error


def _start_over(settings: Settings) -> Settings:
    """Stop what is left of an earlier stack, and start a new supervisord."""
    _stop_all(settings)
    require_free_disk(settings)
    _require_free_port(settings.ports.s3, "S3_PORT")
    _require_free_port(settings.ports.airflow, "AIRFLOW_PORT")
    settings = with_internal_ports(settings)
    write_s3_secrets(settings)
    write_passwords(settings)
    save_login(settings)
    write_env_file(settings)
    start_daemon(settings)
    write_private(settings.state / "running", _fingerprint(settings))
    return settings


def _stop_all(settings: Settings) -> None:
    stop_daemon(settings)
    end_stack(settings.state)
    for socket in seaweedfs_sockets(settings):
        socket.unlink(missing_ok=True)


def _start_services(settings: Settings, show: Show) -> None:
    """Start S3 while Airflow's database is created, then Airflow, and wait until all services are ready."""
    give_up = Event()
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        try:
            parts = [pool.submit(_start_service, S3, settings, show, give_up)]
            begin = time.monotonic()
            if migrate(settings):
                show("database", "created", time.monotonic() - begin)
            parts += [pool.submit(_start_service, name, settings, show, give_up) for name in AIRFLOW_SERVICES]
            for part in as_completed(parts):
                part.result()
        finally:
            give_up.set()  # after a failure or Ctrl-C, stop waiting for the others


def _start_storage(settings: Settings, show: Show) -> None:
    _start_service(S3, settings, show, Event())


def _start_service(service: str, settings: Settings, show: Show, give_up: Event) -> None:
    """Start a service unless it is running, and wait until it is ready, has failed, or `give_up` is set."""
    begin = time.monotonic()
    state = "FATAL"  # supervisord may have given up earlier; let it try again
    try:
        supervisor = require_connection(settings)  # one connection per thread
        while time.monotonic() - begin < SECONDS_TO_BE_READY:
            if state in DOWN:
                start_service(supervisor, service)
            process = supervisor.getProcessInfo(service)
            state = process["statename"]
            if state in UP and is_ready(service, settings, process["start"]):
                show(service, "ready", time.monotonic() - begin)
                return
            if state == "FATAL":
                break
            if give_up.wait(0.25):
                return
    except CONNECTION_ERRORS as error:
        raise StackError(
            f"supervisord of {settings.state} was killed meanwhile: run the same command again."
        ) from error
    show(service, "failed", time.monotonic() - begin)
    raise StackError(_why_not_ready(service, settings, state))


def _why_not_ready(service: str, settings: Settings, state: str) -> str:
    log = settings.logs / f"{service}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "the log is empty")
    if state == "FATAL":
        return f"The service {service} exits as soon as it starts. Last line of {log}: {last[:300]}"
    return (
        f"The service {service} was not ready after {SECONDS_TO_BE_READY} s: run `make stop`, then "
        f"`make run`. Last line of {log}: {last[:300]}"
    )


def require_free_disk(settings: Settings, least: int = LEAST_FREE_DISK) -> None:
    """Raise StackError if less than `least` bytes are free where the stack keeps its data."""
    free = shutil.disk_usage(settings.state).free
    if free < least:
        raise StackError(
            f"The disk that holds {settings.state} has {free / 1024**3:.1f} GB left and the stack needs "
            f"{least / 1024**3:.1f} GB: free some space, or set STACK_DIR to a directory on another disk."
        )


def _require_free_port(port: int, variable: str) -> None:
    if not is_free(port):
        raise StackError(
            f"Port {port} is taken by {holder(port)}: stop that program, or choose another port with "
            f"`{variable}={port + 1} make run`."
        )


def _fingerprint(settings: Settings) -> str:
    """Return a value that changes when running services have outdated settings or versions."""
    variables = {k: v for k, v in stack_variables(settings).items() if k not in _NOT_COMPARED}
    pins = (REPOSITORY / "constraints.txt").read_bytes()
    return sha256(repr((sorted(variables.items()), pins, version("apache-airflow"))).encode()).hexdigest()


def _running_fingerprint(settings: Settings) -> str:
    file = settings.state / "running"
    return file.read_text() if file.exists() else ""


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Hold the stack's lock. The operating system releases it if this process is killed."""
    lock = FileLock(settings.state / "lock", timeout=SECONDS_TO_WAIT_FOR_ANOTHER)
    try:
        with lock:
            yield
    except Timeout as error:
        raise StackError(
            f"Another `make run` or `make stop` has been using {settings.state} for "
            f"{SECONDS_TO_WAIT_FOR_ANOTHER} s: wait until it finishes, or stop it, and try again."
        ) from error
