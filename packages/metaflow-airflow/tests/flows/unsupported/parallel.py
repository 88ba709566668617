"""A flow whose tasks must run together."""

from metaflow import FlowSpec, parallel, step


class ParallelFlow(FlowSpec):
    """Two tasks at once."""

    @step
    def start(self):
        self.next(self.work, num_parallel=2)

    @parallel
    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelFlow()
