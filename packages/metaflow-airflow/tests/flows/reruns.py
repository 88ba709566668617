"""A flow that reads from a file where to fail and what to do, to be cleared and run again."""

import json
from pathlib import Path

from metaflow import FlowSpec, Parameter, step


class RerunsFlow(FlowSpec):
    """A nested foreach next to a condition; the file named by `world` may change between tries.

    start -+-> list_rows -> row[] -> cell[][] -> cells[] -> rows --+-> join -> end
           +-> route -+- left --> to_left --+-> routed ------------+
                      +- right -> to_right -+
    """

    world = Parameter("world", help="A JSON file: {fail: [cells], value: number, route: left or right}.")

    def now(self, name):
        return json.loads(Path(self.world).read_text())[name]

    @step
    def start(self):
        self.next(self.list_rows, self.route)

    @step
    def list_rows(self):
        self.row_numbers = [0, 1]
        self.next(self.row, foreach="row_numbers")

    @step
    def row(self):
        self.row_number = self.input
        self.columns = [0, 1]
        self.next(self.cell, foreach="columns")

    @step
    def cell(self):
        if [self.row_number, self.input] in self.now("fail"):
            raise ValueError("this cell is to fail")
        self.value = self.now("value")
        self.next(self.cells)

    @step
    def cells(self, inputs):
        self.values = [each.value for each in inputs]
        self.next(self.rows)

    @step
    def rows(self, inputs):
        self.values = [each.values for each in inputs]
        self.next(self.join)

    @step
    def route(self):
        self.way = self.now("route")
        self.next({"left": self.to_left, "right": self.to_right}, condition="way")

    @step
    def to_left(self):
        self.went = "left"
        self.next(self.routed)

    @step
    def to_right(self):
        self.went = "right"
        self.next(self.routed)

    @step
    def routed(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.result = (inputs.rows.values, inputs.routed.went)
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    RerunsFlow()
