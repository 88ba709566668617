"""A parameter of every type."""

from metaflow import FlowSpec, JSONType, Parameter, step


class ParametersFlow(FlowSpec):
    """Store the parameters unchanged.

    start -> end
    """

    text = Parameter("text", default="plain", help="Any text.")
    whole = Parameter("whole", default=3)
    real = Parameter("real", default=0.5)
    flag = Parameter("flag", default=False)
    structure = Parameter("structure", type=JSONType, default='{"a": [1, null]}')
    dashed = Parameter("with-dash", type=str)
    needed = Parameter("needed", type=str, required=True, help="Has no default.")

    @step
    def start(self):
        self.seen = [
            self.text,
            self.whole,
            self.real,
            self.flag,
            self.structure,
            self.dashed,
            self.needed,
        ]
        self.next(self.end)

    @step
    def end(self):
        print("needed:", self.needed)


if __name__ == "__main__":
    ParametersFlow()
