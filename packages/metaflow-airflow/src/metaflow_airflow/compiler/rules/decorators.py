"""Rules about decorators: none is ignored, nor any of their options."""

from collections.abc import Collection, Iterator

from metaflow_airflow.compiler.flow_model import Decorator, FlowModel
from metaflow_airflow.compiler.rules.rule import Problem, place_of, rule

# The options that the engine translates; None where Metaflow's own code acts on all of them, in the steps or
# when the flow is compiled.
OF_SENSORS = {"timeout", "poke_interval", "mode", "exponential_backoff", "pool", "soft_fail"}
OF_SENSORS |= {"name", "description"}
FLOW_DECORATORS: dict[str, Collection[str] | None] = {
    "airflow_external_task_sensor": OF_SENSORS
    | {"external_dag_id", "external_task_ids", "allowed_states", "failed_states"}
    | {"execution_delta", "check_existence"},
    "airflow_s3_key_sensor": OF_SENSORS
    | {"bucket_key", "bucket_name", "wildcard_match", "aws_conn_id", "verify"},
    "conda_base": None,
    "exit_hook": {"on_success", "on_error", "options"},
    "project": None,
    "pypi_base": None,
    "schedule": {"cron", "weekly", "daily", "hourly", "timezone"},
    "trigger": {"event", "events", "options"},
    "trigger_on_finish": {"flow", "flows", "options"},
}
STEP_DECORATORS: dict[str, Collection[str] | None] = {
    "airflow_internal": None,
    "card": None,
    "catch": None,
    "conda": None,
    "environment": {"vars"},
    "kubernetes": None,  # a rule of its own checks the options
    "parallel": None,
    "pypi": None,
    "pytorch_parallel": None,
    "resources": {"cpu", "gpu", "disk", "memory", "shared_memory"},
    "retry": {"times", "minutes_between_retries"},
    "secrets": None,
    "timeout": {"seconds", "minutes", "hours"},
}


@rule
def flow_decorators(flow: FlowModel) -> Iterator[Problem]:
    """A decorator of the flow that nothing here reads would be dropped silently."""
    for decorator in flow.decorators:
        yield from _problems(f"flow {flow.name} ({flow.file})", decorator, FLOW_DECORATORS)


@rule
def step_decorators(flow: FlowModel) -> Iterator[Problem]:
    """A decorator of a step either acts in the step's process or is translated."""
    for step in flow.steps:
        for decorator in step.decorators:
            if decorator.name not in step.own_compute:  # reported already
                yield from _problems(place_of(step), decorator, STEP_DECORATORS)


@rule
def command_options(flow: FlowModel) -> Iterator[Problem]:
    """Options of this command do not reach the steps, which Airflow starts."""
    for option in flow.command_options:
        name, _, value = option.partition("=")
        variable = f"METAFLOW_DEFAULT_{name.strip('-').replace('-', '_').upper()}"
        yield Problem(
            option,
            "it would not reach the steps",
            f"set {variable}={value} where Airflow runs them, and here",
        )


def _problems(
    where: str, decorator: Decorator, known: dict[str, Collection[str] | None]
) -> Iterator[Problem]:
    name = decorator.name
    if name not in known:
        if not decorator.acts_in_steps:
            yield Problem(
                where,
                f"@{name} has no counterpart in Airflow",
                "remove it; if it is your own and its code does all its work where a step runs, set "
                "acts_in_steps = True in its class",
            )
        return
    options = known[name]
    if options is None:
        return
    for option in decorator.options:
        if option not in options:
            yield Problem(where, f"@{name}({option}=) has no counterpart in Airflow", "remove the option")
