"""Plan: what the DAG gets from the flow, and from the options of the command line."""

from dataclasses import replace

import pytest
from flow_models import flow_of, step_of
from metaflow_airflow.compiler.dag_model import Call, Variable
from metaflow_airflow.compiler.deployment import Deployment, SavedFiles
from metaflow_airflow.compiler.flow_model import Event, FlowParameter, ParameterType, Schedule, StepType
from metaflow_airflow.compiler.plan import plan_dag

SAVED = SavedFiles("F/data/00/00")
DEPLOYMENT = Deployment(dag_id="F", source="f.py", target="d.py")
PARAMETER = FlowParameter("p", ParameterType.INTEGER, 3)


def plan(saved=SAVED, flow=None, **options):
    flow = flow or flow_of(step_of(kind=StepType.END))
    return plan_dag(flow, saved, replace(DEPLOYMENT, **options))


def scheduled(**changes):
    return flow_of(step_of(kind=StepType.END), **changes)


def test_a_schedule_has_a_start_date_that_never_changes():
    arguments = plan(flow=scheduled(schedule=Schedule("@daily"))).arguments
    assert arguments["schedule"] == "@daily"
    assert arguments["start_date"] == Call("datetime", (2026, 1, 1), {"tz": "UTC"})


def test_events_are_assets_and_those_of_other_teams_are_only_referred_to():
    flow = scheduled(events=(Event("orders"), Event("s3://b/k"), Event("metaflow.G.end", of_flow=True)))
    assert plan(flow=flow).arguments["schedule"] == [
        Call("Asset.ref", keywords={"name": "orders"}),
        Call("Asset.ref", keywords={"uri": "s3://b/k"}),
        Call("Asset", ("metaflow.G.end",)),
    ]


def test_a_schedule_and_events_together_are_one_timetable():
    flow = scheduled(schedule=Schedule("@daily", "Europe/Berlin"), events=(Event("orders"),))
    schedule = plan(flow=flow).arguments["schedule"]
    assert schedule.function == "AssetOrTimeSchedule"
    assert schedule.keywords["timetable"] == Call(
        "CronTriggerTimetable", ("@daily",), {"timezone": "Europe/Berlin"}
    )


def test_a_task_group_has_no_schedule_and_no_events():
    flow = scheduled(
        schedule=Schedule("@daily"), events=(Event("e", {"p": "field"}),), parameters=(PARAMETER,)
    )
    group = plan(flow=flow, task_group=True)
    assert group.decorator == "task_group"
    assert set(group.arguments) == {"group_id", "default_args", "doc_md"}
    assert group.body[0].arguments == {"task_id": "start", "parameters": Variable("parameters")}
    assert group.flow.keywords["params"] == {"p": Call("Param", (3,), {"type": "integer"})}
    assert plan(flow=flow).body[0].arguments["event_parameters"] == {"e": {"p": "field"}}


def test_options_of_the_command_line_reach_the_dag():
    dag = plan(
        dag_id="some.dag-Id",
        tags=("team:ml",),
        namespace="user:me",
        max_workers=3,
        workflow_timeout=7200,
        worker_pool="big",
        paused=True,
    )
    assert dag.function == "some_dag_id"
    assert dag.flow.keywords["tags"] == ("team:ml",)
    assert dag.flow.keywords["namespace"] == "user:me"
    assert dag.arguments["max_active_tasks"] == 3
    assert dag.arguments["dagrun_timeout"] == Call("duration", keywords={"hours": 2})
    assert dag.arguments["default_args"] == {"flow": Variable("FLOW"), "pool": "big"}
    assert dag.arguments["is_paused_upon_creation"] is True
    assert dag.arguments["tags"] == ["metaflow", "team:ml"]


def test_the_flow_names_its_files_in_the_datastore():
    included = {"p": {"path": "F/00", "size": 1}}
    keywords = plan(saved=SavedFiles("F/data/00/00", included)).flow.keywords
    assert (keywords["package"], keywords["included"]) == ("F/data/00/00", included)


@pytest.mark.parametrize(
    ("dag_id", "function"), [("MyFlow", "my_flow"), ("a.B-c", "a_b_c"), ("2nd", "dag_2nd"), ("if", "dag_if")]
)
def test_the_function_has_the_dag_id_in_snake_case(dag_id, function):
    assert plan(dag_id=dag_id).function == function


def test_only_names_that_the_file_uses_are_imported():
    assert plan().imports == {
        "airflow.sdk": ("dag",),
        "metaflow_airflow.operators": ("Flow", "StepOperator"),
    }
