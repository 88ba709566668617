"""A gang: tasks that all run at the same time, alone and in a foreach."""

from metaflow import FlowSpec, current, parallel, step


class GangFlow(FlowSpec):
    """Three tasks at once, then two at once for each of two names.

    start -> together(3) -> gather -> list_names -> name[] -> pair(2)[] -> paired[] -> join -> end
    """

    @step
    def start(self):
        self.next(self.together, num_parallel=3)

    @parallel
    @step
    def together(self):
        self.place = (current.parallel.node_index, current.parallel.num_nodes)
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.places = sorted(each.place for each in inputs)
        self.next(self.list_names)

    @step
    def list_names(self):
        self.names = ["x", "y"]
        self.next(self.name_of, foreach="names")

    @step
    def name_of(self):
        self.text = self.input
        self.next(self.pair, num_parallel=2)

    @parallel
    @step
    def pair(self):
        self.text += str(current.parallel.node_index)
        self.next(self.paired)

    @step
    def paired(self, inputs):
        self.texts = sorted(each.text for each in inputs)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.all_texts = [each.texts for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.all_texts)


if __name__ == "__main__":
    GangFlow()
