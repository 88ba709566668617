"""Plan the body: the steps of a flow as tasks and groups, in the order in which a file lists them."""

import builtins
import itertools
import keyword
from typing import Any

from metaflow_airflow.compiler.conditions import steps_that_end_last
from metaflow_airflow.compiler.dag_model import Foreach, Task, Variable
from metaflow_airflow.compiler.flow_model import FlowModel, Step
from metaflow_airflow.compiler.plan_nested_foreach import Block, flatten_nested_foreach
from metaflow_airflow.compiler.plan_sensors import SENSORS, sensor_arguments, variable_of
from metaflow_airflow.compiler.plan_step import step_arguments


def plan_body(flow: FlowModel, taken: set[str], *, task_group: bool) -> tuple[Task | Foreach, ...]:
    """Return the tasks and groups that run a flow.

    Each step becomes a task, the steps of each foreach a group of tasks that is mapped over the foreach's
    splits. Groups stand beside each other, however deep their foreach is nested:

        steps of the flow                       tasks and groups of the DAG

        start                 (foreach)         start
        |   letter                              Foreach "each_letter", over start
        |   choose            (foreach)             letter, choose, side
        |   |   number                          Foreach "each_number", over choose
        |   numbers           (join)                number
        |   side                                Foreach "each_numbers", over start
        |   both              (join)                numbers, both
        all_letters           (join)            all_letters
        end                                     end
                                                exit_hook, if the flow has exit hooks

    Args:
        flow: The flow.
        taken: The names that no variable may have.
        task_group: The tasks are in a task group, whose function has the values of the flow's parameters.
    """
    return _BodyPlanner(flow, taken, task_group).body()


class _BodyPlanner:
    """Gives each step and sensor its variable and each group its id."""

    def __init__(self, flow: FlowModel, taken: set[str], task_group: bool) -> None:
        self._flow = flow
        self._task_group = task_group
        self._taken = set(dir(builtins)) | taken
        self._variables = {step.name: self._variable(step.name) for step in flow.steps}
        self._sensors = self._plan_sensors()

    def body(self) -> tuple[Task | Foreach, ...]:
        items = [item for block in flatten_nested_foreach(self._flow) for item in self._block(block)]
        return (*self._sensors, *items, *self._exit_hook())

    def _plan_sensors(self) -> list[Task]:
        """Return the tasks that wait before the first step."""
        named = {sensor.name for sensor in self._flow.sensors if sensor.name}
        found: list[Task] = []
        for sensor in self._flow.sensors:
            operator, usual_id = SENSORS[sensor.decorator]
            taken = named | self._variables.keys() | {task.arguments["task_id"] for task in found}
            numbered = (f"{usual_id}_{number}" for number in itertools.count(2))
            free = next(name for name in itertools.chain([usual_id], numbered) if name not in taken)
            task_id = sensor.name or free
            variable = self._variable(variable_of(task_id))
            found.append(Task(variable, sensor_arguments(sensor, task_id), operator))
        return found

    def _block(self, block: Block) -> list[Task | Foreach]:
        """Return a block's tasks, in a group if they are mapped."""
        tasks = tuple(self._task(step) for step in block.steps)
        if block.over is None:
            return list(tasks)
        group_id = self._unused_task_id(f"each_{block.steps[0].name}")
        return [Foreach(group_id, self._variables[block.over], tasks)]

    def _task(self, step: Step) -> Task:
        inputs = [Variable(self._variables[name]) for name in step.follows]
        sensors = [Variable(task.name) for task in self._sensors if task.name and not step.follows]
        arguments = step_arguments(self._flow, step, inputs, sensors, task_group=self._task_group)
        return Task(self._variables[step.name] if self._is_referred_to(step) else None, arguments)

    def _is_referred_to(self, step: Step) -> bool:
        """Return whether the file names the step's variable again, as an input or as a foreach."""
        followed = any(step.name in follower.follows for follower in self._flow.steps)
        return followed or (self._flow.exit_hooks is not None and not step.leads_to)

    def _exit_hook(self) -> list[Task]:
        """Return the task that calls the exit hooks, if there are any."""
        hooks = self._flow.exit_hooks
        if hooks is None:
            return []
        arguments: dict[str, Any] = {
            "task_id": self._unused_task_id("exit_hook"),
            "inputs": [Variable(self._variables[name]) for name in steps_that_end_last(self._flow)],
        }
        if hooks.on_success:
            arguments["on_success"] = list(hooks.on_success)
        if hooks.on_error:
            arguments["on_error"] = list(hooks.on_error)
        return [Task(None, arguments, operator="ExitHookOperator")]

    def _unused_task_id(self, wanted: str) -> str:
        """Return an id that no step has."""
        while wanted in self._variables:
            wanted += "_"
        return wanted

    def _variable(self, wanted: str) -> str:
        """Return a variable name that nothing else in the file has."""
        name = wanted
        while name in self._taken or keyword.iskeyword(name):
            name += "_"
        self._taken.add(name)
        return name
