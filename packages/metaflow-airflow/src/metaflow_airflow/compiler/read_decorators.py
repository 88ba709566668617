"""Read decorators: which ones a flow uses, with which options, and whether their code acts in the steps."""

from typing import Any

from metaflow import metaflow_config
from metaflow.decorators import StepDecorator

from metaflow_airflow.compiler.flow_model import Decorator

HOOKS_IN_STEPS = ("task_pre_step", "task_decorate", "task_post_step", "task_exception", "task_finished")
# Metaflow's own scheduler calls these; on Airflow it does not run.
HOOKS_OF_SCHEDULER = ("runtime_init", "runtime_task_created", "runtime_finished", "runtime_step_cli")


def read_decorator(decorator: Any) -> Decorator:
    """Return the model of a decorator of a flow or a step.

    An extension may say that the code of its decorator does all its work where a step runs, with
    `acts_in_steps = True` in its class; of a decorator for steps, the methods that it has tell it, too.
    """
    written = tuple(
        name
        for name, value in decorator.attributes.items()
        if name in decorator._user_defined_attributes and value != decorator.defaults.get(name)
    )
    kind = type(decorator)
    acts = getattr(kind, "acts_in_steps", issubclass(kind, StepDecorator) and _acts_in_steps(kind))
    return Decorator(decorator.name, written, bool(acts) and not kind.__module__.startswith("metaflow."))


def read_command_options(state: Any) -> tuple[str, ...]:
    """Return the options before the command that differ from Metaflow's configuration."""
    given = {
        "--event-logger": (state.event_logger.TYPE, metaflow_config.DEFAULT_EVENT_LOGGER),
        "--monitor": (state.monitor.TYPE, metaflow_config.DEFAULT_MONITOR),
    }
    return tuple(f"{option}={kind}" for option, (kind, usual) in given.items() if kind != usual)


def _acts_in_steps(kind: type) -> bool:
    """Return whether a class has methods for the process of a step, and none of its own for a scheduler."""
    in_steps = any(getattr(kind, name) is not getattr(StepDecorator, name) for name in HOOKS_IN_STEPS)
    # Those of Metaflow's own classes that it inherits, such as `@parallel`, are translated.
    own = [getattr(kind, name).__module__ for name in HOOKS_OF_SCHEDULER]
    return in_steps and all(module.startswith("metaflow.") for module in own)
