"""A flow that is triggered by the success of another one."""

from metaflow import FlowSpec, current, step, trigger_on_finish


@trigger_on_finish(flow="EventsFlow")
class AfterEventsFlow(FlowSpec):
    """Read the artifacts of the run that triggered this one.

    EventsFlow ==> first -> last
    """

    @step(start=True)
    def first(self):
        started_by = getattr(current, "trigger", None)  # a run that no event started has none
        self.run_before = started_by and started_by.run.pathspec
        self.next(self.last)

    @step(end=True)
    def last(self):
        started_by = getattr(current, "trigger", None)
        self.note_of_run_before = started_by and started_by.run.data.note


if __name__ == "__main__":
    AfterEventsFlow()
