"""Conditions in a foreach, and a nested foreach behind a condition."""

from metaflow import FlowSpec, step


class ConditionsForeachFlow(FlowSpec):
    """Each number takes one of two branches, one of them a nested foreach, and all merge again.

    start -> number[] -+- few -> list_parts[] -> part[][] -+- odd -> odd_part[][] --+-> parts[] -> numbers
                       |                                   +- even -> even_part[][] +
                       +- none -> empty[] -> numbers -> end
    """

    @step
    def start(self):
        self.counts = [1, 0, 2]
        self.next(self.number, foreach="counts")

    @step
    def number(self):
        self.count = self.input
        self.kind = "few" if self.count else "none"
        self.next({"few": self.list_parts, "none": self.empty}, condition="kind")

    @step
    def list_parts(self):
        self.indices = list(range(self.count))
        self.next(self.part, foreach="indices")

    @step
    def part(self):
        self.index_kind = "odd" if self.input % 2 else "even"
        self.next({"odd": self.odd_part, "even": self.even_part}, condition="index_kind")

    @step
    def odd_part(self):
        self.result = f"odd {self.input}"
        self.next(self.parts)

    @step
    def even_part(self):
        self.result = f"even {self.input}"
        self.next(self.parts)

    @step
    def parts(self, inputs):
        self.results = sorted(each.result for each in inputs)
        self.next(self.numbers)

    @step
    def empty(self):
        self.results = []
        self.next(self.numbers)

    @step
    def numbers(self, inputs):
        self.all_results = sorted(each.results for each in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.all_results)


if __name__ == "__main__":
    ConditionsForeachFlow()
