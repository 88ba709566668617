"""Triggers that an earlier version stored in Airflow's database still work after an upgrade."""

from datetime import UTC, datetime

from airflow.jobs.triggerer_job_runner import TriggerRunner
from airflow.models.trigger import Trigger
from metaflow_airflow.runners.kubernetes.pod_trigger import StepPodTrigger

FORMER_CLASS = "metaflow_airflow.operators.pod_trigger.StepPodTrigger"


def test_a_trigger_stored_under_its_former_class_path_is_loaded():
    trigger = StepPodTrigger(
        pod_name="a-step",
        pod_namespace="flows",
        trigger_start_time=datetime(2026, 1, 1, tzinfo=UTC),
        base_container_name="base",
        poll_interval=2,
    )
    class_path, arguments = trigger.serialize()
    assert class_path == "metaflow_airflow.runners.kubernetes.pod_trigger.StepPodTrigger"

    row = Trigger(classpath=FORMER_CLASS, kwargs=arguments)
    loaded = TriggerRunner().get_trigger_by_classpath(row.classpath)(**row.kwargs)
    assert loaded.serialize() == trigger.serialize()
