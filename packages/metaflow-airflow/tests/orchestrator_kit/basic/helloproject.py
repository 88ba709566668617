"""For the kit: the last step keeps the branch that it runs in."""

from metaflow import FlowSpec, current, project, step


@project(name="kit_project")
class KitProjectFlow(FlowSpec):
    """start -> end"""

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        self.branch = current.branch_name


if __name__ == "__main__":
    KitProjectFlow()
