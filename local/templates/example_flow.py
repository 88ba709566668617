"""A flow to start from: `python include/example_flow.py run`."""

# Metaflow makes its decorators, and the values of parameters and artifacts, out of a type checker's sight.
# mypy: disable-error-code="attr-defined, call-overload"

from statistics import mean

from metaflow import FlowSpec, Parameter, retry, step


class ExampleFlow(FlowSpec):
    """Compute the mean of some numbers.

        start ── end

    Airflow shows this text as the DAG's documentation.
    """

    count = Parameter("count", type=int, default=100, help="How many numbers to make up.")

    @retry(times=2, minutes_between_retries=0)
    @step
    def start(self) -> None:
        """Make up some numbers. Load your own data here."""
        self.numbers = list(range(self.count))
        self.next(self.end)

    @retry(times=2, minutes_between_retries=0)
    @step
    def end(self) -> None:
        """Compute their mean and report it: `make run` shows this Markdown text."""
        self.mean = mean(self.numbers)
        self.report = f"### ExampleFlow\n\nThe mean of {len(self.numbers)} numbers is {self.mean:g}.\n"
        print(self.report)


if __name__ == "__main__":
    ExampleFlow()
