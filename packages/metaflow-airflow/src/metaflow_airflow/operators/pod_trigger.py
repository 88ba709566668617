"""The former module of the trigger, which Airflow's database names for pods deferred before an upgrade."""

from metaflow_airflow.runners.kubernetes.trigger import StepPodTrigger

__all__ = ["StepPodTrigger"]
