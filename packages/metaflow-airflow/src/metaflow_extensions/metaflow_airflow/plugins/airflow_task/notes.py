"""Lines about a step for Airflow's log only: Metaflow's log of the task has just the step's own output.

Standard library only: Metaflow, while it is being imported, imports the step decorator, which imports this.
"""

import os
from contextlib import suppress

_pipe: int | None = None  # in the fork that runs the step, the descriptor of the pipe to its parent


def send_notes_to(pipe: int) -> None:
    """Send this process's notes into a pipe, given by its descriptor."""
    global _pipe
    _pipe = pipe


def note(line: str) -> None:
    """Write a line into Airflow's log; without effect in a process that has no pipe for notes."""
    if _pipe is not None:
        with suppress(OSError):
            os.write(_pipe, f"{line}\n".encode(errors="backslashreplace"))
