"""The Airflow plugin that makes the triggerer delete orphaned pods regularly."""

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
    """Start the sweep in a thread, which ends if the component turns out not to be a triggerer.

    Airflow sets the type of a component's job only after this call.
    """
    from airflow.configuration import conf

    if (
        hasattr(component, "job_type")
        and conf.get("metaflow", "runner", fallback="kubernetes") == "kubernetes"
    ):
        threading.Thread(target=_sweep_beside, args=[component], name="pod-sweep", daemon=True).start()


def _sweep_beside(component: Any) -> None:
    problem = ""
    while True:
        # Sleep first, so that this thread holds no lock when the triggerer forks.
        time.sleep(SWEEP_SECONDS)
        if component.job_type != "TriggererJob":
            return
        try:
            # Not at module level: every Airflow process loads the plugins.
            from metaflow_airflow.runners.kubernetes.orphaned_pods import sweep

            sweep()
            problem = ""
        except Exception as error:  # Kubernetes or the database may be available the next time
            if str(error) != problem:
                problem = str(error)
                log.warning("Cannot look for orphaned pods at the moment: %s", problem)


class MetaflowPodsPlugin(AirflowPlugin):
    """Registers the sweep with Airflow."""

    name = "metaflow_pods"
    listeners = [sys.modules[__name__]]  # noqa: RUF012  (the form that Airflow documents)
