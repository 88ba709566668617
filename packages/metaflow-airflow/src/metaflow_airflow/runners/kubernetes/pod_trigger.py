"""Watches a step's pod in Airflow's triggerer, so that a waiting step occupies no worker."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from airflow.configuration import conf
from airflow.providers.cncf.kubernetes.triggers.pod import KubernetesPodTrigger
from airflow.triggers.base import TriggerEvent
from kubernetes_asyncio import client

from metaflow_airflow.runners.kubernetes.pod_end_messages import PodEnd, end_of, gone, started
from metaflow_airflow.runners.kubernetes.pod_logs import lines_after, since_seconds
from metaflow_airflow.runners.kubernetes.pod_watch import PodWatch

# How long to wait for a Kubernetes API that does not respond, for instance while it is being upgraded.
PATIENCE_SECONDS = 600
# How long after a deferral the scheduler surely knows that the worker that deferred the task has finished. If
# the task runs again before that, Airflow mistakes the worker's end for the task's and fails it
# (apache/airflow#72716). A worker may notice the end of its process only at its next heartbeat; the rest is
# for the scheduler.
SETTLED_SECONDS = conf.getfloat("workers", "min_heartbeat_interval") + 5
NOT_ALLOWED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class StepPodTrigger(KubernetesPodTrigger):
    """Waits for the end of the pod, forwards its log, and reports how it ended in the event.

    It does so in the event because the pod may no longer exist when the operator resumes. `end` has the
    fields of a PodEnd; `last_line` is the time of the last forwarded line.
    """

    _last_line: str | None = None

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return this class and its arguments."""
        return f"{__name__}.{type(self).__name__}", super().serialize()[1]

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event when there is nothing left to wait for."""
        end = await self._end()
        settled = self.trigger_start_time.timestamp() + SETTLED_SECONDS
        await asyncio.sleep(min(settled - time.time(), SETTLED_SECONDS))  # clocks may differ
        self._fired_event = True
        yield TriggerEvent(
            {
                "status": "ended",
                "name": self.pod_name,
                "namespace": self.pod_namespace,
                "end": asdict(end),
                "last_line": self._last_line,
            }
        )

    async def _end(self) -> PodEnd:
        self.log.info("Waiting for pod %s in namespace %s.", self.pod_name, self.pod_namespace)
        watch = PodWatch(self.startup_timeout, self.trigger_kwargs.get("_execution_deadline"))
        pod, answered, read = None, time.time(), time.time()
        while True:
            now = time.time()
            try:
                pod, answered = await self.hook.get_pod(self.pod_name, self.pod_namespace), now
            except Exception as error:  # the client, TLS and the network each raise their own
                status = getattr(error, "status", None)
                if status == HTTPStatus.NOT_FOUND:
                    return PodEnd(
                        why=gone(pod, await self._node_problem(pod)) if pod else _never_seen(self.pod_name)
                    )
                if status in NOT_ALLOWED or now - answered > PATIENCE_SECONDS:
                    return PodEnd(why=_no_answer(error, status))
                self.log.warning("Kubernetes does not respond (%s); trying again.", error)
            else:
                if (problem := watch.look(pod, now)) is not None:
                    if pod.metadata.deletion_timestamp:
                        await self._forward_log()  # the pod will be gone when the worker could read it
                    end = end_of(pod)
                    return replace(end, why=problem or end.why)
                if news := watch.news(pod):
                    self.log.info("The pod is not running yet: %s", news)
                if started(pod) and self.logging_interval and now - read >= self.logging_interval:
                    read = now
                    await self._forward_log()
            await asyncio.sleep(self.poll_interval)

    async def _forward_log(self) -> None:
        try:
            lines = await self.hook.read_logs(
                self.pod_name,
                self.pod_namespace,
                self.base_container_name,
                since_seconds(self._last_line, datetime.now(UTC)),
            )
        except Exception as error:  # the missing lines are read when the pod has ended
            self.log.warning("The pod's log cannot be read at the moment (%s).", error)
            return
        for moment, text in lines_after(lines, self._last_line):
            self._last_line = moment
            self.log.info("%s", text)

    async def _node_problem(self, pod: Any) -> str:
        """Return what happened to the pod's node; empty if nothing did, or we may not read nodes."""
        try:
            async with self.hook.get_conn() as connection:
                node = await client.CoreV1Api(connection).read_node(pod.spec.node_name or "")
        except Exception as error:  # no answer about the node says nothing about the pod
            missing = getattr(error, "status", None) == HTTPStatus.NOT_FOUND and pod.spec.node_name
            return "no longer exists" if missing else ""
        ready = next((each for each in node.status.conditions or [] if each.type == "Ready"), None)
        return "" if ready is None or ready.status == "True" else "does not respond"


def _never_seen(name: str) -> str:
    return f"The pod {name!r} was deleted before Airflow's triggerer saw it: clear the task to run it again."


def _no_answer(error: Exception, status: int | None) -> str:
    reason = " ".join(str(getattr(error, "reason", None) or error).split())
    if status in NOT_ALLOWED:
        return (
            f"Kubernetes does not allow Airflow's triggerer to watch pods ({status} {reason}): allow it to "
            "get, list and delete pods, and to get pods/log."
        )
    return f"Kubernetes did not respond for {PATIENCE_SECONDS} s ({reason}): check its API server."
