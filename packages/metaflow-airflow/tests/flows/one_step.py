"""A flow of one step."""

from metaflow import FlowSpec, Parameter, step


class OneStepFlow(FlowSpec):
    """The first step is also the last."""

    name = Parameter("name", default="one")

    @step(start=True, end=True)
    def only(self):
        self.greeting = f"just {self.name}"


if __name__ == "__main__":
    OneStepFlow()
