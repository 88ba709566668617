"""For the kit's test of conda: a step imports a package that only its own environment has."""

from metaflow import FlowSpec, conda, project, step


@project(name="helloconda")
class HelloCondaFlow(FlowSpec):
    """Keeps the version of a package."""

    @step
    def start(self):
        self.next(self.v1)

    @conda(packages={"regex": "2024.11.6"})
    @step
    def v1(self):
        import regex

        self.lib_version = regex.__version__
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    HelloCondaFlow()
