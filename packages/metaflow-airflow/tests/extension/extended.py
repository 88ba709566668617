"""A flow with decorators of an extension."""

from metaflow import FlowSpec, noted, owned, step


@owned(by="someone")
class ExtendedFlow(FlowSpec):
    """Print a note.

    start -> end
    """

    @noted(text='it\'s "quoted" $(id) {{ 1+1 }} ü', details={"a": [1, None]})
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("note:", self.note)


if __name__ == "__main__":
    ExtendedFlow()
