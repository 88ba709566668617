"""Included files: text, bytes, another encoding, and none."""

from pathlib import Path

from metaflow import FlowSpec, IncludeFile, step

DATA = Path(__file__).parent / "data"


class IncludedFlow(FlowSpec):
    """Read the content of the files.

    start -> end
    """

    notes = IncludeFile("notes", default=str(DATA / "notes.txt"), help="Any text.")
    image = IncludeFile("image", default=str(DATA / "pixel.gif"), is_text=False)
    latin = IncludeFile("latin", default=lambda context: str(DATA / "latin.txt"), encoding="latin-1")
    nothing = IncludeFile("nothing")

    @step
    def start(self):
        self.seen = [self.notes, repr(self.image), self.latin, self.nothing]
        self.next(self.end)

    @step
    def end(self):
        print("notes:", self.notes)
        self.sizes = [len(self.notes), len(self.image), len(self.latin)]


if __name__ == "__main__":
    IncludedFlow()
