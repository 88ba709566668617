"""Conditional transitions: nested, in a branch, and directly to the step where the branches merge."""

from metaflow import FlowSpec, Parameter, step


class ConditionsFlow(FlowSpec):
    """Two branches: one has nested conditions, the other may skip a step.

    start -+-> size -+- small -> tone -+- low --> lower -+-> toned -+-> sized -+-> join -> end
           |         |                 +- high -> upper -+          |          |
           |         +- large ---------------------------> big ----+          |
           +-> check -+- yes -> repair -+-> checked --------------------------+
                      +- no ------------+
    """

    count = Parameter("count", default=3)

    @step
    def start(self):
        self.next(self.size, self.check)

    @step
    def size(self):
        self.kind = "small" if self.count < 10 else "large"
        self.next({"small": self.tone, "large": self.big}, condition="kind")

    @step
    def tone(self):
        self.pitch = "high" if self.count > 2 else "low"
        self.next({"low": self.lower, "high": self.upper}, condition="pitch")

    @step
    def lower(self):
        self.name_of = "lower"
        self.next(self.toned)

    @step
    def upper(self):
        self.name_of = "upper"
        self.next(self.toned)

    @step
    def toned(self):
        self.name_of += "!"
        self.next(self.sized)

    @step
    def big(self):
        self.name_of = "big"
        self.next(self.sized)

    @step
    def sized(self):
        self.next(self.join)

    @step
    def check(self):
        self.broken = "no"
        self.next({"yes": self.repair, "no": self.checked}, condition="broken")

    @step
    def repair(self):
        self.next(self.checked)

    @step
    def checked(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.names = sorted(getattr(each, "name_of", "checked") for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.names)


if __name__ == "__main__":
    ConditionsFlow()
