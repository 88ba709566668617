"""Parameters beyond the basic types: deploy-time functions, choices, separators, custom types."""

import datetime

from metaflow import FlowSpec, JSONType, Parameter, step
from metaflow._vendor import click


def even(text):
    """Accept even numbers only."""
    number = int(text)
    if number % 2:
        raise ValueError(f"{text} is odd")
    return number


def any_day(value):
    """Accept a date or its text."""
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


class ParameterTypesFlow(FlowSpec):
    """Store the parameters unchanged.

    start -> end
    """

    whole = Parameter("whole", type=int, default=lambda context: 41)
    real = Parameter("real", type=float, default=lambda context: 0.25)
    yes = Parameter("yes", type=bool, default=lambda context: True)
    made = Parameter("made", default=lambda context: f"{context.flow_name} $(id) {{{{ 1 }}}}")
    made_structure = Parameter("made-structure", type=JSONType, default=lambda context: '["a", {"b": null}]')
    listed = Parameter("listed", type=JSONType, default=["ü", 1, None])
    mapped = Parameter("mapped", type=JSONType, default={"it's": {"deep": [True]}})
    split = Parameter("split", default="a,b c,d", separator=",")
    split_given = Parameter("split_given", separator=":")
    chosen = Parameter("chosen", type=click.Choice(["small", "large"]), default="small", help="How much.")
    in_range = Parameter("in_range", type=click.IntRange(0, 10), default=7)
    day = Parameter("day", type=datetime.date.fromisoformat, default="2026-01-31")
    today = Parameter("today", type=any_day, default=datetime.date(2026, 2, 1))
    own = Parameter("own", type=even, default="8")
    given = Parameter("given", type=even, required=True)
    text_of_number = Parameter("text_of_number", type=str, default="007")
    number_of_text = Parameter("number_of_text", type=int, default="12")
    infinite = Parameter("infinite", default=float("inf"))
    huge = Parameter("huge", default=2**70)
    huge_structure = Parameter("huge_structure", type=JSONType, default=[2**70, {"infinite": 1e400}])
    optional_whole = Parameter("optional_whole", type=int)
    optional_structure = Parameter("optional_structure", type=JSONType)
    required_structure = Parameter("required_structure", type=JSONType, required=True)
    required_with_default = Parameter("required_with_default", default="there", required=True)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("split:", self.split)
        self.kinds = [type(value).__name__ for value in (self.whole, self.day, self.own, self.chosen)]
        self.days = [str(self.day), str(self.today)]


if __name__ == "__main__":
    ParameterTypesFlow()
