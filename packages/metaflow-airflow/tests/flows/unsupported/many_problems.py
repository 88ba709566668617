"""A flow with one of everything that cannot be compiled yet."""

from metaflow import FlowSpec, IncludeFile, Parameter, batch, project, schedule, step, trigger


@project(name="several")
@trigger(event="something", options={"reset_at": {"cron": "* * * * *"}})
@schedule(hourly=True)
class ManyProblemsFlow(FlowSpec):
    """Decorators, a required parameter on a schedule."""

    needed = Parameter("needed", type=str, required=True)
    included = IncludeFile("included", default="no/such/file")

    @batch(cpu=2)
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ManyProblemsFlow()
