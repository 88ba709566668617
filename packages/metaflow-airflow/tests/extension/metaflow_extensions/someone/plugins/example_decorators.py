"""Decorators that act in the steps, and those that only other schedulers understand."""

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


class QueuedDecorator(StepDecorator):
    """Names a queue of another scheduler, and does nothing in the step."""

    name = "queued"
    defaults = {"queue": None}  # noqa: RUF012  (as Metaflow's decorators do)


class PlannedDecorator(FlowDecorator):
    """Tells another scheduler when to run the flow."""

    name = "planned"


class OwnedDecorator(FlowDecorator):
    """Names the owner of the flow."""

    name = "owned"
    acts_in_steps = True  # so Airflow has nothing to do for it
    defaults = {"by": None}  # noqa: RUF012  (as Metaflow's decorators do)
