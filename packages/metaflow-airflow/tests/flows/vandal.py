"""A flow whose first step damages all code that it can find, and whose second one reports what it got."""

import os
import sys
from pathlib import Path

from metaflow import FlowSpec, metaflow_version, step


class VandalFlow(FlowSpec):
    """Damage the flow's code in one step, and use it in the next.

    start -> end
    """

    @step
    def start(self):
        self.variables = sorted(os.environ)
        self.damaged = []
        for file in (Path(__file__), Path(metaflow_version.__file__)):
            for link in (file, file.resolve()):
                link.chmod(0o600)
                with link.open("a") as stream:
                    stream.write("\nraise RuntimeError('this code was damaged')\n")
                self.damaged.append(str(link))
        self.next(self.end)

    @step
    def end(self):
        self.paths = sys.path


if __name__ == "__main__":
    VandalFlow()
