"""Five steps in a row that do next to nothing."""

from metaflow import FlowSpec, step


class ChainFlow(FlowSpec):
    """Count.

    start -> second -> third -> fourth -> end
    """

    @step
    def start(self):
        """Begin."""
        self.count = 1
        self.next(self.second)

    @step
    def second(self):
        """Go on."""
        self.count += 1
        self.next(self.third)

    @step
    def third(self):
        """Go on."""
        self.count += 1
        self.next(self.fourth)

    @step
    def fourth(self):
        """Go on."""
        self.count += 1
        self.next(self.end)

    @step
    def end(self):
        """Say how many."""
        print(self.count)


if __name__ == "__main__":
    ChainFlow()
