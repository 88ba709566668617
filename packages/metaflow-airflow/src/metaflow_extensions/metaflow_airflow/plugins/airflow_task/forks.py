"""Runs functions in forks of this process, one after another, and keeps their output."""

import os
import select
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from metaflow.mflog import TASK_LOG_SOURCE
from metaflow.mflog.mflog import decorate
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.entry import InFork
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.notes import send_notes_to

READ_SIZE = 1 << 16
POLL_SECONDS = 0.2
EXIT_POLL_SECONDS = 0.005  # once the output has ended: the process usually ends at the same moment


class ForkRunner:
    """Runs functions in forks, forwards their output and keeps a copy in Metaflow's log format.

    A fork and all processes that it started are killed when the `lifeline` pipe closes, because the process
    at its other end, Airflow's operator, has exited.
    """

    def __init__(self, lifeline: int | None = None) -> None:
        self._lifeline = lifeline
        self._streams = (_Stream(sys.stdout.buffer), _Stream(sys.stderr.buffer))
        self._notes = _Forwarder(sys.stdout.buffer)

    def run(self, work: Callable[[], None]) -> int:
        """Run `work` in a fork and return its exit code; 128 + N if signal N ended it.

        The caller must have been started with `entry.enter`, which the fork returns to.
        """
        pipes = [os.pipe() for _ in (*self._streams, self._notes)]
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in self._streams:
            stream.flush()  # otherwise the fork would write the rest of the buffer as well
        pid = os.fork()
        if pid == 0:
            _redirect_output(pipes)
            raise InFork(work)
        for _, write in pipes:
            os.close(write)
        # Kubernetes signals the end of a pod to its first process only, so the signal is forwarded.
        previous = signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGTERM))
        try:
            return self._follow(pid, [read for read, _ in pipes])
        finally:
            signal.signal(signal.SIGTERM, previous)

    def logs(self) -> dict[str, Path]:
        """Return the files with the output of the forks, by stream (`stdout`, `stderr`)."""
        out, err = self._streams
        return {"stdout": out.close(), "stderr": err.close()}

    def _follow(self, pid: int, descriptors: list[int]) -> int:
        # The notes come last: what a step has printed before its last note precedes it in the log.
        streams = dict(zip(descriptors, (*self._streams, self._notes), strict=True))
        code: int | None = None
        while streams or code is None:
            watched = [*streams, *([] if self._lifeline is None else [self._lifeline])]
            seconds = 0 if code is not None else POLL_SECONDS if streams else EXIT_POLL_SECONDS
            ready, _, _ = select.select(watched, [], [], seconds)
            if self._lifeline in ready:
                os.killpg(0, signal.SIGKILL)
            for descriptor in ready:
                if not streams[descriptor].copy_from(descriptor):
                    os.close(descriptor)
                    del streams[descriptor]
            if code is None:
                code = _exit_code(pid)
            elif not ready:  # a daemon that was left behind may hold the pipe open forever
                break
        for descriptor, stream in streams.items():
            os.close(descriptor)
            stream.flush()
        return code


class _Forwarder:
    """Forwards the data of a pipe at once."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def copy_from(self, descriptor: int) -> bool:
        """Forward the available data; return False at the end of the stream."""
        return bool(self._forward(descriptor))

    def flush(self) -> None:
        """Do nothing: no data is kept."""

    def _forward(self, descriptor: int) -> bytes:
        data = os.read(descriptor, READ_SIZE)
        self._target.write(data)
        self._target.flush()
        return data


class _Stream(_Forwarder):
    """One output stream: its data is also kept, line by line."""

    def __init__(self, target: BinaryIO) -> None:
        super().__init__(target)
        self._rest = b""
        with tempfile.NamedTemporaryFile(prefix="task-log-", delete=False) as file:
            self._path = Path(file.name)
        self._log = self._path.open("ab")

    def copy_from(self, descriptor: int) -> bool:
        """Forward and keep the available data; return False at the end of the stream."""
        data = self._forward(descriptor)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._log.write(decorate(TASK_LOG_SOURCE, line + b"\n"))
        if not data:
            self.flush()
        return bool(data)

    def flush(self) -> None:
        """Keep the last line even if it does not end with a newline."""
        if self._rest:
            self._log.write(decorate(TASK_LOG_SOURCE, self._rest + b"\n"))
            self._rest = b""
        self._log.flush()

    def close(self) -> Path:
        """Return the file with the stream's lines."""
        self._log.close()
        return self._path


def _redirect_output(pipes: list[tuple[int, int]]) -> None:
    """Send this process's output, errors and notes into the pipes."""
    *outputs, (read, write) = pipes
    os.close(read)
    send_notes_to(write)
    for standard, (read, write) in zip((1, 2), outputs, strict=True):
        os.dup2(write, standard)
        os.close(read)
        os.close(write)


def _exit_code(pid: int) -> int | None:
    """Return the exit code of a child process, None while it is running."""
    done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        return None
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
