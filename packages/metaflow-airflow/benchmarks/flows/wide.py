"""A wide foreach whose tasks do almost nothing."""

from metaflow import FlowSpec, Parameter, step


class WideFlow(FlowSpec):
    """Square some numbers.

    start -> square[] -> join -> end
    """

    width = Parameter("width", default=100, help="How many numbers.")

    @step
    def start(self):
        """List the numbers."""
        self.numbers = list(range(self.width))
        self.next(self.square, foreach="numbers")

    @step
    def square(self):
        """Square one number."""
        self.squared = self.input**2
        self.next(self.join)

    @step
    def join(self, inputs):
        """Add up the squares."""
        self.total = sum(each.squared for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        """Print the total."""
        print(self.total)


if __name__ == "__main__":
    WideFlow()
