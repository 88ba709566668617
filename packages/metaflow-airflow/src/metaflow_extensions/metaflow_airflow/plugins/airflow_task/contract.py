"""What an operator and the process that runs its Metaflow task pass to each other, and to Metaflow.

Standard library only: operators import this module without importing Metaflow.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

LAUNCHER = "metaflow_extensions.metaflow_airflow.plugins.airflow_task"  # the module that runs a task

# The environment variables of the task's process.
# The StepTask as JSON, or "@" and the path of a file that contains it.
TASK_VARIABLE = "METAFLOW_AIRFLOW_TASK"
# The path of the file that the task writes its StepResult to.
RESULT_VARIABLE = "METAFLOW_AIRFLOW_RESULT"
# The descriptor of a pipe whose other end Airflow's worker has: if it closes, the worker has exited.
LIFELINE_VARIABLE = "METAFLOW_AIRFLOW_LIFELINE"

PARAMETERS_STEP = "_parameters"
PARAMETERS_TASK = "parameters"


@dataclass(frozen=True, slots=True)
class StepTask:
    """One Metaflow task: which step of which run, with which inputs.

    Attributes:
        flow: The flow's name.
        file: The flow's file inside the code package.
        step: The step's name.
        run_id: The Metaflow run.
        task_id: The Metaflow task.
        attempt: The number of the attempt, from 0.
        user_code_retries: How many retries run the step's own code; further ones only record the failure.
        inputs: The `step/task` pathspecs of the inputs, within the run.
        split_index: The task's index among the splits of its foreach.
        parallel: Whether the task is the control task of a gang, which starts the others.
        parameters: The values of the flow's parameters by name; set for the first step only.
        included: By parameter, a description of the file that is its default.
        hooks: The functions to call instead of a step, by name or import path, because the run has ended.
        environment: Metaflow's environment, if the flow's steps have packages of their own.
        decorators: Decorators that `--with` added when the flow was compiled.
        tags: The tags of the run.
        namespace: Metaflow's namespace of the run.
        production_token: Metaflow's production token.
        branch: The branch of a flow with @project, as Metaflow names it (`prod`, `test.x`, `user.ann` …).
        triggers: The events that started the run, as Metaflow describes them.
        origin: The Airflow task, as Metaflow metadata.
    """

    flow: str
    file: str
    step: str
    run_id: str
    task_id: str
    attempt: int
    user_code_retries: int
    inputs: tuple[str, ...] = ()
    split_index: int | None = None
    parallel: bool = False
    parameters: dict[str, Any] | None = None
    included: dict[str, dict[str, Any]] = field(default_factory=dict)
    hooks: tuple[str, ...] = ()
    environment: str | None = None
    decorators: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    production_token: str | None = None
    branch: str | None = None
    triggers: tuple[dict[str, Any], ...] = ()
    origin: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the task as one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "StepTask":
        """Return the task that `to_json` wrote."""
        values = json.loads(text)
        for name in ("inputs", "hooks", "decorators", "tags", "triggers"):
            values[name] = tuple(values[name])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What only a task's process knows: about the tasks that follow it, and what it is for.

    Attributes:
        complete: Whether the task is complete; a task in a foreach leaves its name as soon as it starts.
        name: What the task is for: the values of the foreach splits that lead to it; None outside of a
            foreach.
        splits: The number of splits of a foreach step.
        next: The step that a switch chose.
        task: The id of the switch's task to continue from: a switch that chose itself ran several.
        gang: The number of tasks of a gang.
    """

    complete: bool = True
    name: str | None = None
    splits: int | None = None
    next: str | None = None
    task: str | None = None
    gang: int | None = None

    def to_json(self) -> str:
        """Return the known fields as one line of JSON."""
        defaults = asdict(StepResult())
        return json.dumps({name: value for name, value in asdict(self).items() if value != defaults[name]})

    @classmethod
    def from_json(cls, text: str) -> "StepResult":
        """Return the result that `to_json` wrote; for an empty text, that of a task that is not complete.

        A code package may contain another version of this class, so unknown fields are ignored.
        """
        if not text:
            return cls(complete=False)
        found = json.loads(text)
        return cls(**{each.name: found[each.name] for each in fields(cls) if each.name in found})


def task_id(step: str, path: list[int] | tuple[int, ...]) -> str:
    """Return the id of a Metaflow task: the step's name and the foreach indices that lead to it."""
    return "-".join([step, *map(str, path)])


def gang_task_ids(step: str, path: list[int] | tuple[int, ...], size: int) -> tuple[str, ...]:
    """Return the ids of a gang's tasks as Metaflow's `@parallel` names them, the control task first."""
    control = task_id(step, path)
    return (control, *(f"{control}_node_{index}" for index in range(1, size)))


def iteration_task_id(task_id: str, iteration: int) -> str:
    """Return the id of one of the tasks of a step that chooses itself; `iteration` counts from 0."""
    return f"{task_id}.{iteration}" if iteration else task_id


def top_level_options(task: StepTask) -> list[str]:
    """Return the options that precede Metaflow's command."""
    decorators = [f"--with={spec}" for spec in (*task.decorators, "airflow_internal")]
    environment = [f"--environment={task.environment}"] if task.environment else []
    return ["--quiet", "--no-pylint", *environment, *decorators, *project_options(task.branch)]


def project_options(branch: str | None) -> list[str]:
    """Return the options of @project that select a branch; a user's branch follows from METAFLOW_OWNER."""
    kind, _, name = (branch or "").partition(".")
    production = ["--production"] if kind == "prod" else []
    return production + (["--branch", name] if name and kind in ("prod", "test") else [])


def identity_variables(task: StepTask) -> dict[str, str]:
    """Return the variables from which Metaflow derives its namespace, system tags and branch."""
    kind, _, name = (task.branch or "").partition(".")
    owner = {"METAFLOW_OWNER": name} if kind == "user" else {}
    token = {"METAFLOW_PRODUCTION_TOKEN": task.production_token} if task.production_token else {}
    return owner | token


def init_arguments(task: StepTask) -> list[str]:
    """Return the arguments after the flow's file that record the parameters of a new run."""
    tags = [f"--tag={tag}" for tag in task.tags]
    # None means the default, which Metaflow uses for a parameter that is not given.
    values = [
        f"--{name}={parameter_text(value)}"
        for name, value in (task.parameters or {}).items()
        if value is not None
    ]
    ids = [f"--run-id={task.run_id}", f"--task-id={PARAMETERS_TASK}"]
    return [*top_level_options(task), "init", *ids, *tags, *values]


def parameter_text(value: Any) -> str:
    """Return a parameter's value as Metaflow parses it from its command line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def step_arguments(task: StepTask) -> list[str]:
    """Return the arguments after the flow's file that run the task."""
    first = task.parameters is not None
    inputs = (f"{PARAMETERS_STEP}/{PARAMETERS_TASK}",) if first else task.inputs
    arguments = [
        *top_level_options(task),
        "step",
        task.step,
        f"--run-id={task.run_id}",
        f"--task-id={task.task_id}",
        f"--retry-count={task.attempt}",
        f"--max-user-code-retries={task.user_code_retries}",
        "--input-paths=" + ",".join(f"{task.run_id}/{path}" for path in inputs),
    ]
    if task.parallel:
        arguments += ["--ubf-context=ubf_control", "--split-index=0"]
    elif task.split_index is not None:
        arguments.append(f"--split-index={task.split_index}")
    if task.namespace is not None:
        arguments.append(f"--namespace={task.namespace}")
    return arguments + [f"--tag={tag}" for tag in task.tags]
