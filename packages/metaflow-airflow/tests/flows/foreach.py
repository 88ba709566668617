"""A foreach with two steps in its body."""

from metaflow import FlowSpec, Parameter, environment, resources, retry, step, timeout


class ForeachFlow(FlowSpec):
    """Square some numbers, one task each.

    start -> square[] -> halve[] -> join -> end
    """

    count = Parameter("count", default=3, help="How many numbers.")
    label = Parameter("label", default="plain", help='A "label" for the result.')

    @step
    def start(self):
        """List the numbers."""
        self.numbers = list(range(self.count))
        self.next(self.square, foreach="numbers")

    @retry(times=2, minutes_between_retries=0)
    @resources(cpu=2, memory=8192)
    @timeout(minutes=5)
    @step
    def square(self):
        """Square one number."""
        self.squared = self.input**2
        print("squared", self.input)
        self.next(self.halve)

    @environment(vars={"HALVES": "2"})
    @step
    def halve(self):
        """Halve it.

        In floating point.
        """
        import os

        self.half = self.squared / int(os.environ["HALVES"])
        self.next(self.join)

    @step
    def join(self, inputs):
        """Add up all results."""
        self.total = sum(each.half for each in inputs)
        self.order = [each.input for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        """Print the total."""
        print("total", self.total, self.label)


if __name__ == "__main__":
    ForeachFlow()
