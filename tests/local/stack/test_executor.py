"""Tasks run although a worker of the executor was killed while it waited for one."""

import multiprocessing
import os
import signal
import time

import pytest
from airflow.executors import local_executor

from local.stack.executor import LocalExecutor, OwnedQueue


def pass_on(numbers: OwnedQueue, seen: "multiprocessing.SimpleQueue[int]") -> None:
    while True:
        seen.put(numbers.get())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_reader_that_is_killed_while_it_waits_does_not_stop_the_others(method: str) -> None:
    context = multiprocessing.get_context(method)
    # A reader that waits for a number holds no lock of a SimpleQueue; a Queue has a thread that might.
    numbers, seen = OwnedQueue(ctx=context), context.SimpleQueue()
    readers = [context.Process(target=pass_on, args=(numbers, seen), daemon=True) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for number in range(3):
            deadline = time.monotonic() + 120  # a spawned process imports this module
            while not (waiting := numbers._reader_pid.value):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            if number < 2:
                os.kill(waiting, signal.SIGKILL)
                next(reader for reader in readers if reader.pid == waiting).join()
                numbers.unlock_if_dead({reader.pid for reader in readers if reader.is_alive() and reader.pid})
            numbers.put(number)
            assert seen._reader.poll(120)  # type: ignore[attr-defined]
            assert seen.get() == number
    finally:
        for reader in readers:
            reader.kill()


def test_a_living_reader_keeps_its_lock() -> None:
    numbers = OwnedQueue(ctx=multiprocessing.get_context())
    numbers._rlock.acquire()
    numbers._reader_pid.value = os.getpid()
    numbers.unlock_if_dead({os.getpid()})
    assert not numbers._rlock.acquire(block=False)


def test_it_is_airflows_own_executor_with_another_queue() -> None:
    executor = LocalExecutor(parallelism=2)
    executor.start()
    try:
        assert isinstance(executor, local_executor.LocalExecutor)
        assert isinstance(executor.activity_queue, OwnedQueue)
        assert len(executor.workers) == 2
    finally:
        executor.end()
