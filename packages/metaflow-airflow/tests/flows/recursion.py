"""A step that chooses itself, outside and inside a foreach."""

from metaflow import FlowSpec, retry, step


class RecursionFlow(FlowSpec):
    """Count down, then count up to each of several limits.

    start -> down -+- done -> list_limits -> up[] -+- done -> counted[] -> join -> end
              ^    |                          ^    |
              +----+- more                    +----+- more
    """

    @step
    def start(self):
        self.left = 3
        self.next(self.down)

    @retry(times=1, minutes_between_retries=0)
    @step
    def down(self):
        self.left -= 1
        self.state = "more" if self.left else "done"
        self.next({"more": self.down, "done": self.list_limits}, condition="state")

    @step
    def list_limits(self):
        self.limits = [1, 3]
        self.next(self.up, foreach="limits")

    @step
    def up(self):
        self.count = getattr(self, "count", 0) + 1
        self.state = "more" if self.count < self.input else "done"
        self.next({"more": self.up, "done": self.counted}, condition="state")

    @step
    def counted(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.counts = [each.count for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.counts)


if __name__ == "__main__":
    RecursionFlow()
