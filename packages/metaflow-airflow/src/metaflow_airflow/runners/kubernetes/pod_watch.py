"""Decides when the wait for a pod is over; knows the time only from whoever asks."""

from typing import Any

from metaflow_airflow.runners.kubernetes.ends import (
    PULLING,
    cannot_start,
    gone,
    not_started,
    started,
    terminated,
    timed_out,
    waiting,
)

# A secret may be made a moment after the pod, and a registry be wrong for a moment.
SURE_SECONDS = 20
# Beyond the grace that Kubernetes gave a deleted pod: its node does not answer anymore.
LOST_SECONDS = 60


class PodWatch:
    """Is shown a pod as often as it changes; all times are Unix times or seconds."""

    def __init__(self, startup_seconds: float, deadline: float | None) -> None:
        self._startup_seconds = startup_seconds
        self._deadline = deadline
        self._begin: float | None = None
        self._trouble_since: float | None = None
        self._pull_problem = ""  # what the last try to pull said; between two tries Kubernetes may not say it
        self._said = ""

    def look(self, pod: Any, now: float) -> str | None:
        """Return None to go on, an empty text when the pod has ended, or a sentence on why not to wait."""
        begin = self._begin = now if self._begin is None else self._begin
        if terminated(pod) or pod.status.phase in ("Succeeded", "Failed"):
            return ""
        if self.is_late(now):
            return timed_out(pod)
        deleted = pod.metadata.deletion_timestamp
        if deleted and now > deleted.timestamp() + LOST_SECONDS:
            return gone(pod, "does not answer")
        if started(pod):
            return None
        if not (trouble := self._trouble(pod)):
            self._trouble_since = None
        elif self._trouble_since is None:
            self._trouble_since = now
        elif now - self._trouble_since >= SURE_SECONDS:
            return trouble
        return not_started(pod, self._startup_seconds) if now - begin >= self._startup_seconds else None

    def is_late(self, now: float) -> bool:
        """Return whether the step's time is over."""
        return self._deadline is not None and now >= self._deadline

    def news(self, pod: Any) -> str:
        """Return what the pod waits for; empty when that is no news."""
        said = "" if started(pod) else ": ".join(filter(None, waiting(pod)))
        news, self._said = (said if said != self._said else ""), said
        return news

    def _trouble(self, pod: Any) -> str:
        reason, message = waiting(pod)
        if reason == "ErrImagePull" or (reason in PULLING and not self._pull_problem):
            self._pull_problem = message
        return cannot_start(pod, reason, self._pull_problem if reason in PULLING else message)
