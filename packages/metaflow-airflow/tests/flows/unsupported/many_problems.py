"""A flow with one of everything that cannot be compiled yet."""

from metaflow import FlowSpec, IncludeFile, Parameter, batch, project, schedule, step, trigger


@project(name="several")
@trigger(event="something")
@schedule(hourly=True)
class ManyProblemsFlow(FlowSpec):
    """Nested foreach, a condition, decorators, a required parameter on a schedule."""

    needed = Parameter("needed", type=str, required=True)
    included = IncludeFile("included", default="no/such/file")

    @step
    def start(self):
        self.outer = [1, 2]
        self.next(self.outer_step, foreach="outer")

    @step
    def outer_step(self):
        self.inner = [3, 4]
        self.next(self.inner_step, foreach="inner")

    @batch(cpu=2)
    @step
    def inner_step(self):
        self.next(self.inner_join)

    @step
    def inner_join(self, inputs):
        self.next(self.outer_join)

    @step
    def outer_join(self, inputs):
        self.next(self.choose)

    @step
    def choose(self):
        self.choice = "a"
        self.next({"a": self.left, "b": self.right}, condition="choice")

    @step
    def left(self):
        self.next(self.end)

    @step
    def right(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ManyProblemsFlow()
