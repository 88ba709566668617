"""Branches, and nested branches."""

from metaflow import FlowSpec, step


class SplitFlow(FlowSpec):
    """A split inside a branch of a split.

    start -+-> left -+-> upper -+-> left_join -+-> join -> end
           |         +-> lower -+              |
           +-> right --------------------------+
    """

    @step
    def start(self):
        self.number = 2
        self.next(self.left, self.right)

    @step
    def left(self):
        self.next(self.upper, self.lower)

    @step
    def upper(self):
        self.value = self.number + 1
        self.next(self.left_join)

    @step
    def lower(self):
        self.value = self.number - 1
        self.next(self.left_join)

    @step
    def left_join(self, inputs):
        self.value = inputs.upper.value * inputs.lower.value
        self.next(self.join)

    @step
    def right(self):
        self.value = self.number * 10
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = inputs.left_join.value + inputs.right.value
        self.branches = sorted(each.value for each in inputs)  # Metaflow gives them no order
        self.next(self.end)

    @step
    def end(self):
        self.done = True


if __name__ == "__main__":
    SplitFlow()
