"""A flow with sensors starts once they have found what they wait for; until then they occupy no worker."""

from datetime import UTC, datetime

from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.models.trigger_dag_run_post_body import TriggerDAGRunPostBody
from engine_support import FLOWS, compile_flow, run_flow, succeeded, wait_until

IMPORT_SECONDS = 400  # the triggerer imports Amazon's provider first, on a busy machine for minutes
FLOW = """
from metaflow import FlowSpec, airflow_external_task_sensor, airflow_s3_key_sensor, step

@airflow_s3_key_sensor(name="ready", bucket_key={key!r}, poke_interval=1, timeout=900)
@airflow_external_task_sensor(
    name="before", external_dag_id="Before", external_task_ids=["only"], poke_interval=1
)
class AfterSensorsFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    AfterSensorsFlow()
"""


def start_at(stack, dag_id, moment):
    """Start a run of a DAG for a moment, as a schedule would; return its id."""
    stack.wait_for_dag(dag_id)
    body = TriggerDAGRunPostBody(logical_date=moment, conf={})
    return stack.rest.airflow.ask(DagRunApi(stack.rest.client).trigger_dag_run, dag_id, body).dag_run_id


def states(stack, dag_id, run_id):
    """Return the states of a run's tasks, by task id."""
    return {task.task_id: task.state for task in stack.rest.task_instances(dag_id, run_id)}


def test_the_first_step_waits_for_all_sensors_which_wait_in_the_triggerer(stack, tmp_path):
    bucket, _, root = stack.env["METAFLOW_DATASTORE_SYSROOT_S3"].removeprefix("s3://").partition("/")
    key = f"{root}/sensors/ready"
    flow, moment = tmp_path / "after_sensors.py", datetime.now(UTC)
    flow.write_text(FLOW.format(key=f"s3://{bucket}/{key}"))
    compile_flow(stack.env, flow, stack.dags_folder / "after_sensors.py")
    before = stack.dags_folder / "before.py"
    done = run_flow(stack.env, FLOWS / "one_step.py", "airflow", "--name", "Before", "create", str(before))
    assert done.returncode == 0, done.stderr
    run_id = start_at(stack, "AfterSensorsFlow", moment)
    waiting = {"ready": "deferred", "before": "deferred", "start": None, "end": None}
    wait_until(lambda: states(stack, "AfterSensorsFlow", run_id) == waiting, IMPORT_SECONDS)
    stack.s3.put_object(Bucket=bucket, Key=key, Body=b"")
    wait_until(lambda: states(stack, "AfterSensorsFlow", run_id)["ready"] == "success", IMPORT_SECONDS)
    assert states(stack, "AfterSensorsFlow", run_id) == waiting | {"ready": "success"}
    succeeded(stack, "Before", start_at(stack, "Before", moment))
    succeeded(stack, "AfterSensorsFlow", run_id)
