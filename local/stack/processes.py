"""Finding and ending the processes of one stack, including those whose parent was killed.

Every process of a stack inherits two environment variables: which stack and which service it belongs to. Pid
files and process names are not needed, and a reused pid does no harm.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

STACK_MARK = "LOCAL_STACK_PROCESS"
SERVICE_MARK = "LOCAL_STACK_SERVICE"
SECONDS_TO_END = 5


def marks(state: Path) -> dict[str, str]:
    """Return the variables that mark a process as part of the stack with this state directory."""
    # Without SPT_NOENV, setproctitle (used by Airflow) overwrites the environment that others can read.
    return {STACK_MARK: str(state), "SPT_NOENV": "1"}


def stack_processes(state: Path, service: str | None = None) -> list[psutil.Process]:
    """Return the running processes of a stack, or of one of its services, except this process."""
    wanted = {STACK_MARK: str(state)} | ({SERVICE_MARK: service} if service else {})
    return [process for process in psutil.process_iter() if _carries(process, wanted)]


def end(processes: Iterable[psutil.Process]) -> None:
    """Terminate processes, and kill those that are left after some seconds."""
    processes = list(processes)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=SECONDS_TO_END)
    kill(alive)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes and wait until they are gone."""
    processes = list(processes)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=SECONDS_TO_END)


def end_stack(state: Path) -> None:
    """End all processes of a stack, including those that are started meanwhile."""
    while processes := stack_processes(state):
        end(processes)


def _carries(process: psutil.Process, wanted: dict[str, str]) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        environment = process.environ()
    except (psutil.Error, OSError):  # another user's process, or one that has just ended
        return False
    return wanted.items() <= environment.items()
