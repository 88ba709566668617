"""What an Airflow operator tells the process that runs one Metaflow task, and how Metaflow is called with it.

Standard library only: the operator imports this file without importing Metaflow.
"""

import base64
import json
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any

LAUNCHER = "metaflow_extensions.metaflow_airflow.plugins.airflow_task"  # the module that runs a task

# Environment variables of the task's process.
# The StepTask as JSON, as it is or packed, or "@" and the path of a file that holds it.
TASK_VARIABLE = "METAFLOW_AIRFLOW_TASK"
RESULT_VARIABLE = "METAFLOW_AIRFLOW_RESULT"  # where the task leaves what Airflow must know, as JSON
LIFELINE_VARIABLE = "METAFLOW_AIRFLOW_LIFELINE"  # a pipe's descriptor: its end means Airflow is gone

PACKED = "!"  # marks a packed text, which JSON never begins with

PARAMETERS_STEP = "_parameters"
PARAMETERS_TASK = "parameters"


@dataclass(frozen=True, slots=True)
class StepTask:
    """One Metaflow task: which step of which run, on which inputs.

    `inputs` are `step/task` paths within the run. `parameters` is set for the first step only: the values
    of the flow's parameters by name. `included` describes the files that parameters have as defaults.
    `split_index` is the task's place among the splits of its foreach.
    `parallel`: it is the control task of a gang, and starts the others.
    `hooks`: the run has ended, and these functions are called instead of a step, by name or import path.
    `environment` is Metaflow's environment, where the flow's steps have packages of their own.
    `branch` is the branch of a flow with @project, as Metaflow calls it (`prod`, `test.x`, `user.ann` …).
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
    triggers: tuple[dict[str, Any], ...] = ()  # the events that started the run, as Metaflow describes them
    origin: dict[str, str] = field(default_factory=dict)  # the Airflow task, as Metaflow metadata

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


def packed(text: str) -> str:
    """Return a text in fewer characters, for places of limited size."""
    return PACKED + base64.b64encode(zlib.compress(text.encode())).decode()


def unpacked(text: str) -> str:
    """Return the text that `packed` made shorter; any other text as it is."""
    return zlib.decompress(base64.b64decode(text[1:])).decode() if text.startswith(PACKED) else text


def task_id(step: str, path: list[int] | tuple[int, ...]) -> str:
    """Return the id of a Metaflow task: the step's name and the foreach indices that lead to it."""
    return "-".join([step, *map(str, path)])


def gang_task_ids(step: str, path: list[int] | tuple[int, ...], size: int) -> tuple[str, ...]:
    """Return the ids of a gang's tasks, as Metaflow's `@parallel` does, the control task first."""
    control = task_id(step, path)
    return (control, *(f"{control}_node_{index}" for index in range(1, size)))


def iteration_task_id(task_id: str, iteration: int) -> str:
    """Return the id of a task of a step that chose itself: `iteration` is 0 for the first."""
    return f"{task_id}.{iteration}" if iteration else task_id


def top_level_options(task: StepTask) -> list[str]:
    """Return the options that stand before Metaflow's command."""
    decorators = [f"--with={spec}" for spec in (*task.decorators, "airflow_internal")]
    environment = [f"--environment={task.environment}"] if task.environment else []
    return ["--quiet", "--no-pylint", *environment, *decorators, *project_options(task.branch)]


def project_options(branch: str | None) -> list[str]:
    """Return the options of @project that lead to a branch; a user's branch follows from its owner."""
    kind, _, name = (branch or "").partition(".")
    production = ["--production"] if kind == "prod" else []
    return production + (["--branch", name] if name and kind in ("prod", "test") else [])


def identity_variables(task: StepTask) -> dict[str, str]:
    """Return the variables that tell Metaflow for whom it runs: its namespace, system tags and branch."""
    kind, _, name = (task.branch or "").partition(".")
    owner = {"METAFLOW_OWNER": name} if kind == "user" else {}
    token = {"METAFLOW_PRODUCTION_TOKEN": task.production_token} if task.production_token else {}
    return owner | token


def init_arguments(task: StepTask) -> list[str]:
    """Return the arguments after the flow's file that record the parameters of a new run."""
    tags = [f"--tag={tag}" for tag in task.tags]
    # Metaflow takes a parameter that is not given for its default, and None stands for just that.
    values = [
        f"--{name}={parameter_text(value)}"
        for name, value in (task.parameters or {}).items()
        if value is not None
    ]
    ids = [f"--run-id={task.run_id}", f"--task-id={PARAMETERS_TASK}"]
    return [*top_level_options(task), "init", *ids, *tags, *values]


def parameter_text(value: Any) -> str:
    """Return a parameter's value as Metaflow reads it from its command line."""
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
