"""Packages of PyPI, for all steps."""

from importlib.metadata import version

from metaflow import FlowSpec, pypi_base, step


@pypi_base(packages={"regex": "2024.11.6"})
class PyPIFlow(FlowSpec):
    """start → end."""

    @step
    def start(self):
        import regex

        self.found = [version("regex"), regex.findall(r"\p{Lu}", "aBcÜ")]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    PyPIFlow()
