"""Asset events start flows and set their parameters, and every flow's success is an asset event."""

import subprocess
import sys

import pytest
from airflow_client.client.api.asset_api import AssetApi
from engine_support import FLOWS, HOSTILE, compile_flow
from events_support import FLOW, OWNER, PAYLOAD, artifacts, pathspec, run_after

READ_TRIGGER = """
import json, sys
from metaflow import Run, namespace
namespace(None)
trigger = Run(sys.argv[1]).trigger
print(json.dumps(trigger and {"events": [(each.type, each.name, each.id) for each in trigger],
                              "runs": [run.pathspec for run in trigger.runs or []]}))
"""


def log_of(stack, run, task_id):
    (task,) = [t for t in stack.rest.task_instances(run.dag_id, run.dag_run_id) if t.task_id == task_id]
    return "\n".join(stack.rest.log(run.dag_id, run.dag_run_id, task_id, task.try_number))


def trigger_of(stack, name):
    command = [sys.executable, "-c", READ_TRIGGER, name]
    done = subprocess.run(command, env=stack.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def waiting(stack):
    """Two flows that wait for events, parsed by Airflow before the DAG that owns the assets."""
    for name in ("events", "after_events"):
        compile_flow(stack.env, FLOWS / f"{name}.py", stack.dags_folder / f"{name}.py")
    stack.wait_for_dag("EventsFlow")
    stack.wait_for_dag("AfterEventsFlow")
    (stack.dags_folder / "owner.py").write_text(OWNER)
    stack.wait_for_dag("owner")
    return stack


@pytest.fixture(scope="module")
def chain(waiting):
    """The runs of the owner, of the flow that waits for its assets, and of the flow that follows that one."""
    known = {dag_id: waiting.rest.latest_run(dag_id) for dag_id in ("EventsFlow", "AfterEventsFlow")}
    owner = waiting.rest.run("owner", {"orders": PAYLOAD})
    runs = [run_after(waiting, dag_id, run and run.dag_run_id) for dag_id, run in known.items()]
    assert [run.state for run in (owner, *runs)] == ["success"] * 3
    return owner, *runs


def test_all_events_together_start_one_run(chain, waiting):
    _, run, _ = chain
    assert run.run_type == "asset_triggered"
    assert artifacts(waiting, "EventsFlow", run, "start")["started_by"] == [
        ["event", "s3://shop/prices.parquet"],
        ["event", "orders"],
    ]


def test_every_step_has_the_trigger(chain, waiting):
    _, run, _ = chain
    first, last = (artifacts(waiting, "EventsFlow", run, step) for step in ("start", "end"))
    assert last["started_by_at_the_end"] == first["started_by"]


def test_the_payload_sets_the_parameters_unchanged(chain, waiting):
    _, run, _ = chain
    found = artifacts(waiting, "EventsFlow", run, "start")
    expected = {
        "note": HOSTILE,
        "weight": 2.5,
        "express": True,
        "structure": PAYLOAD["details"],
        "untouched": "as it was",
    }
    assert {name: found[name] for name in expected} == expected


def test_a_flow_follows_the_success_of_another_and_reads_its_run(chain, waiting):
    _, before, run = chain
    name = pathspec("EventsFlow", before)
    assert artifacts(waiting, "AfterEventsFlow", run, "first")["run_before"] == name
    assert artifacts(waiting, "AfterEventsFlow", run, "last")["note_of_run_before"] == HOSTILE


def test_the_client_of_metaflow_has_the_trigger_of_a_run(chain, waiting):
    _, before, run = chain
    events = trigger_of(waiting, pathspec("EventsFlow", before))
    assert '["event", "s3://shop/prices.parquet"' in events
    assert f'"runs": ["{pathspec("EventsFlow", before)}"]' in trigger_of(
        waiting, pathspec("AfterEventsFlow", run)
    )


def test_the_success_event_identifies_the_run_and_nothing_else(chain, waiting):
    _, _, run = chain
    events = AssetApi(waiting.rest.client).get_asset_events(
        source_dag_id="AfterEventsFlow", source_run_id=run.dag_run_id
    )
    name = pathspec("AfterEventsFlow", run)
    assert [(event.name, event.extra) for event in events.asset_events] == [
        (
            "metaflow.AfterEventsFlow.end",
            {
                "pathspec": name,
                "flow_name": "AfterEventsFlow",
                "run_id": name.partition("/")[2],
                "step_name": "last",
                "task_id": "last",
            },
        )
    ]


def test_a_run_started_by_hand_has_no_trigger(waiting):
    run = waiting.rest.run("EventsFlow", {"note": "by hand"})
    assert artifacts(waiting, "EventsFlow", run, "start")["started_by"] is None
    assert trigger_of(waiting, pathspec("EventsFlow", run)) == "null"


def test_a_wrong_value_is_rejected_with_one_message(chain, waiting):
    known = waiting.rest.latest_run("EventsFlow").dag_run_id
    waiting.rest.run("owner", {"orders": {"kilos": ["many"]}})
    run = run_after(waiting, "EventsFlow", known)
    assert run.state == "failed"
    message = "The field 'kilos' of event 'orders' is [\"many\"], which is not a number."
    assert message in log_of(waiting, run, "start")


def test_a_schedule_and_an_event_each_start_the_flow(waiting, tmp_path):
    flow = tmp_path / "both.py"
    text = FLOW.format(
        imports="schedule, trigger", decorator='schedule(daily=True)\n@trigger(event="orders")'
    )
    flow.write_text(text.replace("required=True", 'default="n"').replace("MistakenFlow", "BothFlow"))
    text = compile_flow(waiting.env, flow, waiting.dags_folder / "both.py")
    assert "schedule=AssetOrTimeSchedule(" in text
    assert 'timetable=CronTriggerTimetable("@daily", timezone="UTC")' in text
    waiting.wait_for_dag("BothFlow")
    waiting.rest.run("owner", {"orders": {"alpha": "by the event"}})
    run = run_after(waiting, "BothFlow")
    assert (run.run_type, run.state) == ("asset_triggered", "success")
    assert artifacts(waiting, "BothFlow", run, "only")["alpha"] == "by the event"


def test_an_event_and_the_success_of_a_flow_start_one_run_together(waiting, tmp_path):
    flow = tmp_path / "together.py"
    decorators = 'trigger(event="orders")\n@trigger_on_finish(flow="EventsFlow")'
    text = FLOW.format(imports="trigger, trigger_on_finish", decorator=decorators)
    flow.write_text(text.replace("required=True", 'default="n"').replace("MistakenFlow", "TogetherFlow"))
    compile_flow(waiting.env, flow, waiting.dags_folder / "together.py")
    waiting.wait_for_dag("TogetherFlow")
    waiting.rest.run("owner", {"orders": {}})
    run = run_after(waiting, "TogetherFlow")
    assert (run.run_type, run.state) == ("asset_triggered", "success")
    found = trigger_of(waiting, pathspec("TogetherFlow", run))
    assert '["event", "orders"' in found
    assert '"runs": ["EventsFlow/airflow-' in found  # the latest run, or one that an earlier event started


def test_a_retried_last_step_announces_one_success(waiting, tmp_path):
    flow = tmp_path / "retried.py"
    text = FLOW.format(imports="current, retry", decorator="").replace("\n@\n", "\n")
    text = text.replace("MistakenFlow", "RetriedFlow").replace("required=True", 'default="n"')
    text = text.replace("    @step", "    @retry(times=1, minutes_between_retries=0)\n    @step")
    flow.write_text(text.replace("pass", "assert current.retry_count == 1", 1))
    compile_flow(waiting.env, flow, waiting.dags_folder / "retried.py")
    waiting.wait_for_dag("RetriedFlow")
    run = waiting.rest.run("RetriedFlow")
    assert run.state == "success"
    (task,) = waiting.rest.task_instances("RetriedFlow", run.dag_run_id)
    assert task.try_number == 2
    api = AssetApi(waiting.rest.client)
    events = api.get_asset_events(source_dag_id="RetriedFlow", source_run_id=run.dag_run_id).asset_events
    assert [event.extra["task_id"] for event in events] == ["only"]
