"""A foreach in a foreach in a foreach, with steps, a split and a side step between them."""

from metaflow import FlowSpec, step


class NestedForeachFlow(FlowSpec):
    """Combine letters with numbers and signs; the number of splits differs from split to split.

    start -> letter[] -+-> choose_numbers[] -> number[][] -> sign[][][] -> mark[][][] -> ...
                       +-> side[] -> ...

    ... mark -> signs[][] -> numbers[] -+-> both[] -> all_letters -> end
                         side[] --------+
    """

    @step
    def start(self):
        self.letters = ["a", "b"]
        self.next(self.letter, foreach="letters")

    @step
    def letter(self):
        self.text = self.input
        self.next(self.choose_numbers, self.side)

    @step
    def choose_numbers(self):
        self.numbers_of = [1] if self.text == "a" else [2, 3]
        self.next(self.number, foreach="numbers_of")

    @step
    def number(self):
        self.text += str(self.input)
        self.signs_of = "+-" if self.input < 2 else "!"
        self.next(self.sign, foreach="signs_of")

    @step
    def sign(self):
        self.text += self.input
        self.next(self.mark)

    @step
    def mark(self):
        self.text = f"<{self.text}>"
        self.next(self.signs)

    @step
    def signs(self, inputs):
        self.texts = [each.text for each in inputs]
        self.next(self.numbers)

    @step
    def numbers(self, inputs):
        self.texts = [text for each in inputs for text in each.texts]
        self.next(self.both)

    @step
    def side(self):
        self.aside = self.text.upper()
        self.next(self.both)

    @step
    def both(self, inputs):
        self.result = (inputs.numbers.texts, inputs.side.aside)
        self.next(self.all_letters)

    @step
    def all_letters(self, inputs):
        self.results = [each.result for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.results)


if __name__ == "__main__":
    NestedForeachFlow()
