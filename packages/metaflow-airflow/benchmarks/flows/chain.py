"""Five steps in a row that do almost nothing."""

from metaflow import FlowSpec, step


class ChainFlow(FlowSpec):
    """Count.

    start -> second -> third -> fourth -> end
    """

    @step
    def start(self):
        """Start counting."""
        self.count = 1
        self.next(self.second)

    @step
    def second(self):
        """Add one."""
        self.count += 1
        self.next(self.third)

    @step
    def third(self):
        """Add one."""
        self.count += 1
        self.next(self.fourth)

    @step
    def fourth(self):
        """Add one."""
        self.count += 1
        self.next(self.end)

    @step
    def end(self):
        """Print the count."""
        print(self.count)


if __name__ == "__main__":
    ChainFlow()
