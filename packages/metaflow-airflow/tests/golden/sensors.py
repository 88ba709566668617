"""
### SensorsFlow

Start when all sensors have found what they wait for.

start -> end

Compiled from `sensors.py` by metaflow-airflow 0.1.0. Do not edit: change the
flow and run `python sensors.py airflow create sensors.py`.
"""

from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import Asset, dag
from metaflow_airflow.operators import Flow, StepOperator
from pendulum import duration

FLOW = Flow(
    name="SensorsFlow",
    file="sensors.py",
    package="SensorsFlow/data/af/af16ee462e96b1e9699ada1873b441637b9cde05",
    production_token="sensorsflow-0-46cd",
)


@dag(
    dag_id="SensorsFlow",
    default_args={"flow": FLOW},
    tags=["metaflow"],
    doc_md=__doc__,
)
def sensors_flow():
    external_task_sensor = ExternalTaskSensor(
        task_id="external_task_sensor",
        external_dag_id="features",
        check_existence=True,
        timeout=3600,
        deferrable=True,
    )
    external_task_sensor_2 = ExternalTaskSensor(
        task_id="external_task_sensor_2",
        external_dag_id="checks",
        timeout=3600,
        deferrable=True,
    )
    prepared = ExternalTaskSensor(
        task_id="prepared",
        external_dag_id="warehouse",
        external_task_ids=["orders", "customers"],
        allowed_states=["success", "skipped"],
        failed_states=["failed", "upstream_failed"],
        execution_delta=duration(days=1),
        check_existence=True,
        timeout=600,
        poke_interval=90,
        pool="sensors",
        soft_fail=True,
        doc_md="The tables of the day before.",
        deferrable=True,
    )
    s3_key_sensor = S3KeySensor(
        task_id="s3_key_sensor",
        bucket_key="s3://lake/{{ ds }}/_SUCCESS",
        aws_conn_id=None,
        timeout=3600,
        deferrable=True,
    )
    every_part = S3KeySensor(
        task_id="every-part",
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
        doc_md="The parts of the export.",
        deferrable=True,
    )
    start = StepOperator(
        task_id="start",
        wait_for=[
            external_task_sensor,
            external_task_sensor_2,
            prepared,
            s3_key_sensor,
            every_part,
        ],
    )
    StepOperator(task_id="end", inputs=[start], outlets=[Asset("metaflow.SensorsFlow.end")])


sensors_flow()
