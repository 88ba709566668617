"""Finding and ending the processes of one stack, also those whose parent was killed.

Every process of a stack inherits two environment variables that no shell of a user carries: which stack
it belongs to, and which service. So neither pid files nor names are needed, and a recycled pid is safe.
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
    """Return the environment that marks a process as part of the stack with this state directory."""
    # setproctitle, which Airflow uses, would otherwise overwrite the environment that others read.
    return {STACK_MARK: str(state), "SPT_NOENV": "1"}


def stack_processes(state: Path, service: str | None = None) -> list[psutil.Process]:
    """List the live processes of a stack, or of one of its services, without this one."""
    wanted = {STACK_MARK: str(state)} | ({SERVICE_MARK: service} if service else {})
    return [process for process in psutil.process_iter() if _carries(process, wanted)]


def end(processes: Iterable[psutil.Process]) -> None:
    """Ask processes to end, then kill what is left after some seconds. psutil never hits a recycled pid."""
    processes = list(processes)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=SECONDS_TO_END)
    kill(alive)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes at once and wait until they are gone."""
    processes = list(processes)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=SECONDS_TO_END)


def end_stack(state: Path) -> None:
    """End everything that belongs to a stack, including what its processes start meanwhile."""
    while processes := stack_processes(state):
        end(processes)


def _carries(process: psutil.Process, wanted: dict[str, str]) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        environment = process.environ()
    except (psutil.Error, OSError):  # another user's, or gone meanwhile
        return False
    return wanted.items() <= environment.items()
