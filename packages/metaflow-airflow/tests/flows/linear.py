"""The simplest flow."""

from metaflow import FlowSpec, step


class LinearFlow(FlowSpec):
    """Three steps in a row.

    start -> middle -> end
    """

    @step
    def start(self):
        self.trail = ["start"]
        self.next(self.middle)

    @step
    def middle(self):
        self.trail = [*self.trail, "middle"]
        self.next(self.end)

    @step
    def end(self):
        self.trail = [*self.trail, "end"]


if __name__ == "__main__":
    LinearFlow()
