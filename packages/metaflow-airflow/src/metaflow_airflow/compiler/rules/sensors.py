"""Rules about sensors: Metaflow checks few of their arguments."""

import re
from collections.abc import Iterator
from typing import Any

from metaflow_airflow.compiler.flow_model import FlowModel, Sensor
from metaflow_airflow.compiler.rules.rule import LONGEST_SECONDS, Problem, rule

TASK_ID = re.compile(r"[\w.-]{1,250}")  # Airflow's rule
MODES = ("poke", "reschedule")
DAG_STATES = {"queued", "running", "success", "failed"}  # of a DAG run; a task has more


@rule
def sensor_names(flow: FlowModel) -> Iterator[Problem]:
    """The name of a sensor is the id of its task."""
    seen = {step.name for step in flow.steps}
    for sensor in flow.sensors:
        name = sensor.name
        if name is None:
            continue
        if not TASK_ID.fullmatch(name):
            yield Problem(
                f"@{sensor.decorator}(name={name!r})",
                "it is not a task id",
                "use at most 250 characters, only letters, digits, '_', '-' and '.'",
            )
        if name in seen:
            yield Problem(
                f"@{sensor.decorator}(name={name!r})",
                "a step or another sensor has this name",
                "choose another one",
            )
        seen.add(name)


@rule
def sensor_times(flow: FlowModel) -> Iterator[Problem]:
    """A sensor waits for a number of seconds, and looks from time to time."""
    for sensor in flow.sensors:
        for name, least in (("timeout", 0), ("poke_interval", 1)):
            value: Any = sensor.arguments.get(name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not least <= value <= LONGEST_SECONDS:
                yield Problem(
                    f"@{sensor.decorator}({name}={value!r})",
                    f"it is not a number of seconds between {least} and 100 years",
                    "change it",
                )


@rule
def sensor_choices(flow: FlowModel) -> Iterator[Problem]:
    """Airflow cannot import a file with a mode or a state that does not exist."""
    for sensor in flow.sensors:
        mode = sensor.arguments.get("mode", "poke")
        if mode not in MODES:
            yield Problem(
                f"@{sensor.decorator}(mode={mode!r})", "there is no such mode", "use 'poke' or 'reschedule'"
            )
        unknown = sorted(_states(sensor) - DAG_STATES)
        if unknown and not sensor.arguments.get("external_task_ids"):
            yield Problem(
                f"@{sensor.decorator}",
                f"a DAG is never {' or '.join(unknown)}",
                "name the tasks to wait for in external_task_ids=, or use one of "
                f"{', '.join(sorted(DAG_STATES))}",
            )


def _states(sensor: Sensor) -> set[str]:
    given = [sensor.arguments.get(name) or [] for name in ("allowed_states", "failed_states")]
    return {str(state) for states in given for state in ([states] if isinstance(states, str) else states)}
