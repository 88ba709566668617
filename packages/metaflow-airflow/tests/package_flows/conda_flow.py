"""Packages of conda, for all steps and for one; a step without."""

import sys
from importlib.metadata import version

from metaflow import FlowSpec, conda, conda_base, step


@conda_base(packages={"itsdangerous": "2.2.0"})
class CondaFlow(FlowSpec):
    """start → each (foreach) → join → end."""

    @step
    def start(self):
        self.versions = [version("itsdangerous")]
        self.letters = ["a", "b"]
        self.next(self.each, foreach="letters")

    @conda(packages={"regex": "2024.9.11"})
    @step
    def each(self):
        import regex

        self.found = [self.input, regex.findall(r"\p{Lu}", "aBcÜ"), version("regex"), version("itsdangerous")]
        self.next(self.join)

    @step
    def join(self, inputs):
        self.found = [each.found for each in inputs]
        self.next(self.end)

    @conda(disabled=True)
    @step
    def end(self):
        self.python = sys.executable


if __name__ == "__main__":
    CondaFlow()
