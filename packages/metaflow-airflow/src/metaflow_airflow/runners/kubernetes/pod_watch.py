"""Decides when to stop waiting for a pod; the caller provides the time."""

from typing import Any

from metaflow_airflow.runners.kubernetes.pod_end_messages import (
    PULLING,
    cannot_start,
    gone,
    not_started,
    started,
    terminated,
    timed_out,
    waiting,
)

# A problem must last this long: a secret may be created just after the pod, and a registry fail for a moment.
SURE_SECONDS = 20
# How long after a deleted pod's grace period its node counts as lost: it should have confirmed the deletion.
LOST_SECONDS = 60


class PodWatch:
    """Is shown a pod again and again; all times are Unix times or seconds."""

    def __init__(self, startup_seconds: float, deadline: float | None) -> None:
        self._startup_seconds = startup_seconds
        self._deadline = deadline
        self._begin: float | None = None
        self._problem_since: float | None = None
        self._pull_error = ""  # of the last try to pull; between two tries Kubernetes may not repeat it
        self._last_news = ""

    def look(self, pod: Any, now: float) -> str | None:
        """Return None to keep waiting, an empty text if the pod has ended, or a message why not to wait."""
        begin = self._begin = now if self._begin is None else self._begin
        if terminated(pod) or pod.status.phase in ("Succeeded", "Failed"):
            return ""
        if self.is_late(now):
            return timed_out(pod)
        deleted = pod.metadata.deletion_timestamp
        if deleted and now > deleted.timestamp() + LOST_SECONDS:
            return gone(pod, "does not respond")
        if started(pod):
            return None
        if not (problem := self._problem(pod)):
            self._problem_since = None
        elif self._problem_since is None:
            self._problem_since = now
        elif now - self._problem_since >= SURE_SECONDS:
            return problem
        return not_started(pod, self._startup_seconds) if now - begin >= self._startup_seconds else None

    def is_late(self, now: float) -> bool:
        """Return whether the step has exceeded its execution timeout."""
        return self._deadline is not None and now >= self._deadline

    def news(self, pod: Any) -> str:
        """Return what the pod is waiting for; empty if that has not changed since the last call."""
        current = "" if started(pod) else ": ".join(filter(None, waiting(pod)))
        news, self._last_news = (current if current != self._last_news else ""), current
        return news

    def _problem(self, pod: Any) -> str:
        reason, message = waiting(pod)
        if reason == "ErrImagePull" or (reason in PULLING and not self._pull_error):
            self._pull_error = message
        return cannot_start(pod, reason, self._pull_error if reason in PULLING else message)
