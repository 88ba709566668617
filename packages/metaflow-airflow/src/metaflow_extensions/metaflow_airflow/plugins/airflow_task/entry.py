"""Starts the launcher, and in each of its forks the fork's work, at the top of the interpreter's stack."""

import atexit
import gc
import io
import sys
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType


class InFork(BaseException):
    """Raised in a new fork, to leave the code that forked before the fork begins its work."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self.work = work


def enter(main: Callable[[], int]) -> None:
    """Call `main` and exit with the code that it returns; in a fork that `main` created, do the fork's work.

    A fork's work ends as a Python program does: threads are waited for, `atexit` handlers run, files are
    flushed, and the interpreter itself turns an exception or a SystemExit into output and an exit code.
    """
    # The flow's file will run in this module: Metaflow, once imported, adds names to it that pickle looks up.
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        code = main()
    except InFork as fork:
        work = fork.work
    else:
        sys.exit(code)
    gc.freeze()
    atexit.register(_close_files)
    work()


def _close_files() -> None:
    """Close the files that the fork has opened and left open, so that nothing stays in their buffers.

    The interpreter would do so when it collects garbage at its end, but not if frozen objects refer to them;
    collecting those as well takes as long as a short step.
    """
    for each in gc.get_objects():
        if issubclass(type(each), io.IOBase):
            with suppress(Exception):
                each.close()
