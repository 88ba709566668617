"""A flow that waits for two events, and takes parameters from one of them."""

from metaflow import FlowSpec, JSONType, Parameter, current, step, trigger


@trigger(
    events=[
        {
            "name": "orders",
            "parameters": ["note", ("weight", "kilos"), ("structure", "details"), ("express", "express")],
        },
        "s3://shop/prices.parquet",
    ]
)
class EventsFlow(FlowSpec):
    """Store the triggers of the run and the parameters that they set.

    orders, prices ==> start -> end
    """

    note = Parameter("note", type=str)
    weight = Parameter("weight", type=float, default=0.5)
    express = Parameter("express", type=bool, default=False)
    structure = Parameter("structure", type=JSONType)
    untouched = Parameter("untouched", default="as it was")

    @step
    def start(self):
        self.started_by = names_of_events()
        self.next(self.end)

    @step
    def end(self):
        self.started_by_at_the_end = names_of_events()


def names_of_events():
    started_by = getattr(current, "trigger", None)  # a run that no event started has none
    return started_by and [(event.type, event.name) for event in started_by]


if __name__ == "__main__":
    EventsFlow()
