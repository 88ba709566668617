"""A split inside a foreach, and a foreach inside a branch."""

from metaflow import FlowSpec, step


class ForeachSplitFlow(FlowSpec):
    """Two branches; one is a foreach whose body splits again.

    start -+-> list_names -> name[] -+-> upper[] -+-> pair[] -> names -+-> join -> end
           |                         +-> length[] +                    |
           +-> other ---------------------------------------------------+
    """

    @step
    def start(self):
        self.next(self.list_names, self.other)

    @step
    def list_names(self):
        self.words = ["one", "three"]
        self.next(self.name_, foreach="words")

    @step
    def name_(self):
        self.word = self.input
        self.next(self.upper, self.length)

    @step
    def upper(self):
        self.result = self.word.upper()
        self.next(self.pair)

    @step
    def length(self):
        self.result = len(self.word)
        self.next(self.pair)

    @step
    def pair(self, inputs):
        self.pair_of = (inputs.upper.result, inputs.length.result)
        self.next(self.names)

    @step
    def names(self, inputs):
        self.pairs = [each.pair_of for each in inputs]
        self.next(self.join)

    @step
    def other(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.pairs = inputs.names.pairs
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ForeachSplitFlow()
