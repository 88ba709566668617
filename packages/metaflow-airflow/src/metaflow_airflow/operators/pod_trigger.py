"""The trigger's former module: Airflow's database names it for pods that were deferred before an upgrade."""

from metaflow_airflow.runners.kubernetes.pod_trigger import StepPodTrigger

__all__ = ["StepPodTrigger"]
