"""Airflow's LocalExecutor, made to survive the death of a worker that waits for a task."""

import os
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from multiprocessing.queues import SimpleQueue
from typing import Any

from airflow.executors import local_executor


class OwnedQueue(SimpleQueue):
    """A queue that knows which process waits for its next item, holding the lock of its readers."""

    def __init__(self, *, ctx: BaseContext) -> None:
        super().__init__(ctx=ctx)
        self._reader_pid = ctx.RawValue("i", 0)

    def get(self) -> Any:
        """Return the next item, and wait for one if there is none."""
        with self._rlock:  # type: ignore[attr-defined]
            self._reader_pid.value = os.getpid()
            item = self._reader.recv()  # type: ignore[attr-defined]
            self._reader_pid.value = 0
        return item

    def unlock_if_dead(self, alive: set[int]) -> None:
        """Release the lock if its owner is none of the processes that are alive."""
        if self._reader_pid.value and self._reader_pid.value not in alive:
            self._reader_pid.value = 0
            self._rlock.release()  # type: ignore[attr-defined]

    def __getstate__(self) -> Any:
        return super().__getstate__(), self._reader_pid

    def __setstate__(self, state: Any) -> None:
        inherited, self._reader_pid = state
        super().__setstate__(inherited)  # type: ignore[misc]


class LocalExecutor(local_executor.LocalExecutor):
    """Airflow's LocalExecutor, whose other workers go on if one is killed.

    All workers read the same queue. The lock of one that is killed while it waits for a task would stay
    locked: the others would wait for it, and all tasks would stay queued, for good.
    """

    _tasks: OwnedQueue

    @property  # type: ignore[override]
    def activity_queue(self) -> OwnedQueue:
        """The queue of tasks, which LocalExecutor creates when it starts."""
        return self._tasks

    @activity_queue.setter
    def activity_queue(self, _: Any) -> None:
        self._tasks = OwnedQueue(ctx=get_context())

    def _check_workers(self) -> None:
        """Unlock the queue if the worker that has locked it is dead, and replace dead workers."""
        self._tasks.unlock_if_dead({pid for pid, process in self.workers.items() if process.is_alive()})
        super()._check_workers()
