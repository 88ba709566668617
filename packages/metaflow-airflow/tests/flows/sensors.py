"""Sensors: several of each kind, with every argument and with almost none."""

from datetime import timedelta

from metaflow import FlowSpec, airflow_external_task_sensor, airflow_s3_key_sensor, step


@airflow_s3_key_sensor(bucket_key="s3://lake/{{ ds }}/_SUCCESS")
@airflow_s3_key_sensor(
    name="every-part",
    description="The parts of the export.",
    bucket_key=["export/part-?.parquet", "export/_SUCCESS"],
    bucket_name="lake",
    wildcard_match=True,
    aws_conn_id="lake",
    verify=False,
    timeout=7200,
    poke_interval=30,
    mode="reschedule",
    exponential_backoff=True,
    pool="sensors",
    soft_fail=True,
)
@airflow_external_task_sensor(external_dag_id="features")
@airflow_external_task_sensor(external_dag_id="checks", check_existence=False)
@airflow_external_task_sensor(
    name="prepared",
    description="The tables of the day before.",
    external_dag_id="warehouse",
    external_task_ids=["orders", "customers"],
    allowed_states=["success", "skipped"],
    failed_states=["failed", "upstream_failed"],
    execution_delta=timedelta(hours=24),
    check_existence=True,
    timeout=600,
    poke_interval=90,
    mode="poke",
    exponential_backoff=False,
    pool="sensors",
    soft_fail=True,
)
class SensorsFlow(FlowSpec):
    """Start when all sensors have found what they wait for.

    start -> end
    """

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    SensorsFlow()
