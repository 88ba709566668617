"""A decorator for steps, one that starts steps elsewhere, and one for flows."""

from metaflow.decorators import FlowDecorator, StepDecorator


class NotedDecorator(StepDecorator):
    """Writes a note to the step's artifacts."""

    name = "noted"
    defaults = {"text": None, "details": None}  # noqa: RUF012  (as Metaflow's decorators do)

    def task_pre_step(self, step_name, task_datastore, metadata, run_id, task_id, flow, *args):
        """Write the note."""
        flow.note = [self.attributes["text"], self.attributes["details"]]


class ElsewhereDecorator(StepDecorator):
    """Has the attribute that marks decorators which run steps on another system."""

    name = "elsewhere"
    supports_conda_environment = True


class OwnedDecorator(FlowDecorator):
    """Names the owner of the flow."""

    name = "owned"
    defaults = {"by": None}  # noqa: RUF012  (as Metaflow's decorators do)
