"""Tells Airflow's triggerer to look, now and then, for pods that no task waits for anymore."""

import logging
import sys
import threading
import time
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

log = logging.getLogger(__name__)
SWEEP_SECONDS = 20


@hookimpl
def on_starting(component: Any) -> None:
    """Start sweeping beside a triggerer; which of Airflow's jobs a component is, it knows only afterwards."""
    from airflow.configuration import conf

    if (
        hasattr(component, "job_type")
        and conf.get("metaflow", "runner", fallback="kubernetes") == "kubernetes"
    ):
        threading.Thread(target=_sweep_beside, args=[component], name="pod-sweep", daemon=True).start()


def _sweep_beside(component: Any) -> None:
    problem = ""
    while True:
        # First of all, so that nothing is held when the triggerer forks.
        time.sleep(SWEEP_SECONDS)
        if component.job_type != "TriggererJob":
            return
        try:
            # Not at module level: every process of Airflow's loads its plugins.
            from metaflow_airflow.runners.kubernetes.orphans import sweep

            sweep()
            problem = ""
        except Exception as error:  # Kubernetes or the database may be back the next time
            if str(error) != problem:
                problem = str(error)
                log.warning("Pods that no task waits for cannot be looked for now: %s", problem)


class MetaflowPodsPlugin(AirflowPlugin):
    """The sweep, as Airflow's plugins are found."""

    name = "metaflow_pods"
    listeners = [sys.modules[__name__]]  # noqa: RUF012  (Airflow's own form)
