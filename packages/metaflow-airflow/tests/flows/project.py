"""A flow with @project that stores the names of its branch."""

from metaflow import FlowSpec, current, project, step


@project(name="taxis")
class ProjectFlow(FlowSpec):
    """Store the names of the project and the branch.

    start -> end
    """

    @step
    def start(self):
        self.names = [current.project_name, current.branch_name, current.project_flow_name]
        self.flags = [current.is_production, current.is_user_branch]
        self.next(self.end)

    @step
    def end(self):
        self.branch_at_the_end = current.branch_name
        self.namespace = current.namespace


if __name__ == "__main__":
    ProjectFlow()
