"""A foreach inside a foreach, a switch, a retry and an exit hook: what each version of Airflow runs."""

from metaflow import FlowSpec, Parameter, current, exit_hook, retry, step


def report_success(run):
    """Print the run's pathspec."""
    print(f"{run.pathspec} succeeded")


@exit_hook(on_success=[report_success])
class VersionsFlow(FlowSpec):
    """Add up numbers, part by part.

    start -> number[] -> part[] -> {small | large} -> sum_parts -> sum_numbers -> end
    """

    count = Parameter("count", default=2, help="How many numbers.")

    @step
    def start(self):
        self.numbers = list(range(1, self.count + 1))
        self.next(self.number, foreach="numbers")

    @step
    def number(self):
        """Split a number into its parts."""
        self.parts = list(range(self.input))
        self.next(self.part, foreach="parts")

    @step
    def part(self):
        """Choose a branch."""
        self.size = "large" if self.input else "small"
        self.next({"small": self.small, "large": self.large}, condition="size")

    @step
    def small(self):
        self.value = 1
        self.next(self.sum_parts)

    @step
    def large(self):
        self.value = 10
        self.next(self.sum_parts)

    @step
    def sum_parts(self, inputs):
        self.total = sum(each.value for each in inputs)
        self.next(self.sum_numbers)

    @step
    def sum_numbers(self, inputs):
        self.total = sum(each.total for each in inputs)
        self.next(self.end)

    @retry(times=1, minutes_between_retries=0)
    @step
    def end(self):
        """Fail at the first attempt."""
        if current.retry_count == 0:
            raise RuntimeError("the first attempt fails")
        self.attempts = current.retry_count + 1


if __name__ == "__main__":
    VersionsFlow()
