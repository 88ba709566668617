"""A schedule with a time zone, and steps with names that the compiled file uses itself."""

from metaflow import FlowSpec, schedule, step


@schedule(cron="30 6 ? * MON-FRI *", timezone="America/New_York")
class Scheduled_Flow(FlowSpec):  # noqa: N801  (a name that is no plain camel case is the point)
    r"""Quotes \"\"\" and \ backslashes, {{ braces }} and {% blocks %}.

    dag -> split[] -> task_group -> duration
    """

    @step(start=True)
    def dag(self):
        """Say "hello" and 'good bye'."""
        self.words = ["hello"]
        self.next(self.split, foreach="words")

    @step
    def split(self):
        """A \\ backslash."""
        self.next(self.task_group)

    @step
    def task_group(self, inputs):
        self.count = len(list(inputs))
        self.next(self.duration)

    @step(end=True)
    def duration(self):
        self.finished = True


if __name__ == "__main__":
    Scheduled_Flow()
