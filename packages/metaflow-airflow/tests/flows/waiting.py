"""A flow that takes as long as a parameter says."""

import os
import time
from pathlib import Path

from metaflow import FlowSpec, JSONType, Parameter, step


class WaitingFlow(FlowSpec):
    """Wait, and write this process's id to a file.

    start -> end
    """

    seconds = Parameter("seconds", default=0.0)
    pid_file = Parameter("pid-file", type=str, required=False)
    options = Parameter("options", type=JSONType, default="{}")

    @step
    def start(self):
        if self.pid_file:
            Path(self.pid_file).write_text(str(os.getpid()))
        time.sleep(self.seconds)
        self.next(self.end)

    @step
    def end(self):
        self.version = 1


if __name__ == "__main__":
    WaitingFlow()
