"""One decorator that works in the step's process, one that starts steps elsewhere, one for flows."""

from metaflow.decorators import FlowDecorator, StepDecorator


class NotedDecorator(StepDecorator):
    """Leave a note among the step's artifacts."""

    name = "noted"
    defaults = {"text": None, "details": None}  # noqa: RUF012  (as Metaflow's decorators do)

    def task_pre_step(self, step_name, task_datastore, metadata, run_id, task_id, flow, *args):
        """Write the note."""
        flow.note = [self.attributes["text"], self.attributes["details"]]


class ElsewhereDecorator(StepDecorator):
    """Say what every decorator says that runs steps on a system of its own."""

    name = "elsewhere"
    supports_conda_environment = True


class OwnedDecorator(FlowDecorator):
    """Say whose flow it is."""

    name = "owned"
    defaults = {"by": None}  # noqa: RUF012  (as Metaflow's decorators do)
