"""What the plan decides about retries, timeouts, resources, parameters and names."""

import pytest
from metaflow_airflow.compiler.dag_model import Call, Variable
from metaflow_airflow.compiler.flow_model import (
    ExitHooks,
    FlowModel,
    FlowParameter,
    ParameterType,
    Place,
    Retries,
    Schedule,
    Step,
    StepType,
)
from metaflow_airflow.compiler.plan import Deployment, plan_dag

DEPLOYMENT = Deployment(dag_id="F", package="F/data/00/00", source="f.py", target="d.py")


def plan_one_step(deployment=DEPLOYMENT, parameters=(), schedule=None, name="start", **step):
    only = Step(name, StepType.END, Place("f.py", 1), (), (), **step)
    return plan_dag(FlowModel("F", "f.py", "", (only,), name, parameters, schedule=schedule), deployment)


def arguments_of(**step):
    return plan_one_step(**step).body[0].arguments


def test_only_what_differs_from_the_defaults_is_written():
    assert arguments_of() == {"task_id": "start"}


@pytest.mark.parametrize(
    ("retries", "expected"),
    [
        (Retries(2, 2, 1), {"retries": 2, "retry_delay": Call("duration", keywords={"minutes": 1})}),
        (Retries(1, 1, 0), {"retries": 1, "retry_delay": Call("duration", keywords={"seconds": 0})}),
        (Retries(1, 1, 0.5), {"retries": 1, "retry_delay": Call("duration", keywords={"seconds": 30})}),
        (
            Retries(1, 4, 2),
            {
                "retries": 4,
                "user_code_retries": 1,
                "retry_delay": Call("duration", keywords={"minutes": 2}),
            },
        ),
    ],
)
def test_retries(retries, expected):
    assert arguments_of(retries=retries) == {"task_id": "start"} | expected


def test_airflow_s_timeout_leaves_the_step_s_own_time_to_be_caught():
    assert arguments_of(timeout_seconds=60)["execution_timeout"] == Call("duration", keywords={"minutes": 2})


def test_resources_are_kubernetes_quantities():
    wanted = {"cpu": "0.5", "memory": "8192.0", "gpu": 1, "disk": 2048, "shared_memory": 64}
    assert arguments_of(resources=wanted)["compute"] == {
        "cpu": 0.5,
        "memory": "8192M",
        "gpu": 1,
        "disk": "2048M",
        "shared_memory": "64Mi",
    }


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (FlowParameter("p", ParameterType.INTEGER, 3), Call("Param", (3,), {"type": "integer"})),
        (
            FlowParameter("p", ParameterType.STRING, required=True),
            Call("Param", (), {"type": "string"}),
        ),
        (
            FlowParameter("p", ParameterType.STRING),
            Call("Param", (None,), {"type": ["null", "string"]}),
        ),
        (FlowParameter("p", ParameterType.JSON, {"a": 1}), Call("Param", ({"a": 1},), {})),
        (
            FlowParameter("p", ParameterType.FILE),
            Call("Param", (None,), {"type": ["null", "string"], "pattern": "^[{]"}),
        ),
        (
            FlowParameter("p", ParameterType.STRING, "a", choices=("a", "b")),
            Call("Param", ("a",), {"type": "string", "enum": ["a", "b"]}),
        ),
        (
            FlowParameter("p", ParameterType.STRING, choices=("a",)),
            Call("Param", (None,), {"type": ["null", "string"], "enum": ["a", None]}),
        ),
        (
            FlowParameter("p", ParameterType.BOOLEAN, default=False, help="Yes?"),
            Call("Param", (False,), {"type": "boolean", "description": "Yes?"}),
        ),
    ],
)
def test_parameters(parameter, expected):
    assert plan_one_step(parameters=(parameter,)).arguments["params"] == {"p": expected}


def test_a_schedule_has_a_start_that_never_changes():
    arguments = plan_one_step(schedule=Schedule("@daily")).arguments
    assert arguments["schedule"] == "@daily"
    assert arguments["start_date"] == Call("datetime", (2026, 1, 1), {"tz": "UTC"})


def test_options_of_the_command_line_reach_the_dag():
    deployment = Deployment(
        **{name: getattr(DEPLOYMENT, name) for name in ("package", "source", "target")},
        dag_id="some.dag-Id",
        tags=("team:ml",),
        namespace="user:me",
        max_workers=3,
        workflow_timeout=7200,
        worker_pool="big",
        paused=True,
    )
    dag = plan_one_step(deployment)
    assert dag.function == "some_dag_id"
    assert dag.flow.keywords["tags"] == ("team:ml",)
    assert dag.flow.keywords["namespace"] == "user:me"
    assert dag.arguments["max_active_tasks"] == 3
    assert dag.arguments["dagrun_timeout"] == Call("duration", keywords={"hours": 2})
    assert dag.arguments["default_args"] == {"flow": Variable("FLOW"), "pool": "big"}
    assert dag.arguments["is_paused_upon_creation"] is True
    assert dag.arguments["tags"] == ["metaflow", "team:ml"]


@pytest.mark.parametrize("name", ["dag", "duration", "print"])
def test_a_step_named_like_something_in_the_file_gets_another_variable(name):
    first = Step(name, StepType.LINEAR, Place("f.py", 1), (), ("end",))
    last = Step("end", StepType.END, Place("f.py", 2), (name,), ())
    dag = plan_dag(FlowModel("F", "f.py", "", (first, last), name), DEPLOYMENT)
    assert [task.name for task in dag.body] == [f"{name}_", None]
    assert dag.body[1].arguments["inputs"] == [Variable(f"{name}_")]


def test_a_step_named_like_a_group_or_a_hook_keeps_its_name():
    steps = (
        Step("start", StepType.FOREACH, Place("f.py", 1), (), ("work",)),
        Step("work", StepType.LINEAR, Place("f.py", 2), ("start",), ("each_work",), foreach_scope=("start",)),
        Step("each_work", StepType.JOIN, Place("f.py", 3), ("work",), ("exit_hook",), joins="start"),
        Step("exit_hook", StepType.END, Place("f.py", 4), ("each_work",), ()),
    )
    dag = plan_dag(FlowModel("F", "f.py", "", steps, "start", exit_hooks=ExitHooks(("done",))), DEPLOYMENT)
    assert dag.body[1].group_id == "each_work_"
    assert dag.body[-1].arguments["task_id"] == "exit_hook_"
