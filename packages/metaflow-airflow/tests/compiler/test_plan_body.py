"""Plan the body: no variable, task or group has a name that something else in the file has."""

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.dag_model import Variable
from metaflow_airflow.compiler.flow_model import ExitHooks, StepType
from metaflow_airflow.compiler.plan_body import plan_body


@pytest.mark.parametrize("name", ["dag", "duration", "print", "if"])
def test_a_step_whose_name_is_taken_gets_another_variable(name):
    first = step_of(name, leads_to=("end",))
    last = step_of("end", StepType.END, follows=(name,))
    body = plan_body(flow_of(first, last), {"dag", "duration"}, task_group=False)
    assert [task.name for task in body] == [f"{name}_", None]
    assert body[1].arguments["inputs"] == [Variable(f"{name}_")]


def test_a_step_named_like_a_group_or_a_hook_keeps_its_name():
    steps = (
        step_of("start", StepType.FOREACH, leads_to=("work",)),
        step_of("work", follows=("start",), leads_to=("each_work",), foreach_scope=("start",)),
        step_of("each_work", StepType.JOIN, follows=("work",), leads_to=("exit_hook",), joins="start"),
        step_of("exit_hook", StepType.END, follows=("each_work",)),
    )
    body = plan_body(flow_of(*steps, exit_hooks=ExitHooks(("done",))), set(), task_group=False)
    assert body[1].group_id == "each_work_"
    assert body[-1].arguments == {
        "task_id": "exit_hook_",
        "inputs": [Variable("work"), Variable("exit_hook")],
        "on_success": ["done"],
    }
