"""Flows of one step each whose pods fail, and the messages that report it."""

import contextlib
import secrets
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine_support import compile_flow, start_run, wait_until
from kubernetes import client
from kubernetes_support import SECONDS_FOR_A_POD

FLOW = """
from metaflow import FlowSpec, environment, kubernetes, retry, step, timeout
import time


class {name}(FlowSpec):
    {decorators}
    @step(start=True, end=True)
    def only(self):
        {body}


if __name__ == "__main__":
    {name}()
"""
# Names of this test run's own: one that was killed leaves its objects in the cluster.
FAKE_NODE = f"metaflow-test-node-{secrets.token_hex(3)}"
FULL_NAMESPACE = f"metaflow-test-full-{secrets.token_hex(3)}"  # its quota allows pods, but no more secrets


@dataclass(frozen=True)
class Failure:
    """A flow of one step: its decorators, the expected message (a regular expression), and its code."""

    decorators: str
    message: str
    body: str = "pass"


FAILURES = {
    "MissingImage": Failure(
        '@kubernetes(image="localhost/no-such-image:1")',
        r"The image 'localhost/no-such-image:1' of step 'only' cannot be pulled \(.+\): check its name, or "
        "add its registry's secret to METAFLOW_KUBERNETES_IMAGE_PULL_SECRETS.",
    ),
    "MissingSecret": Failure(
        '@kubernetes(secrets=["no-such-secret"])',
        r"The pod of step 'only' needs something that does not exist in namespace '.+' \(secret "
        r"\"no-such-secret\" not found\): create it there, or correct METAFLOW_KUBERNETES_SECRETS",
    ),
    "OutOfMemory": Failure(
        '@kubernetes(memory=400, qos="Guaranteed")',
        "Step 'only' used more memory than its limit of 400M: request more with @resources",
        "self.much = b'x' * 2_000_000_000",
    ),
    "Evicted": Failure(
        '@kubernetes(disk=100, memory=500, cpu=0.1, qos="Guaranteed")',
        r"The pod of step 'only' was evicted from node '.+' \(.*storage.*\): request as much as the step",
        'open("/tmp/large", "wb").write(bytes(300_000_000)); time.sleep(300)',
    ),
    "NoNode": Failure(
        '@kubernetes(node_selector={"no-such": "node"})',
        rf"The pod of step 'only' did not start within {SECONDS_FOR_A_POD} s because no node can take it "
        r"\(.*affinity.*\): request less with @resources",
    ),
    "LostNode": Failure(
        f'@kubernetes(node_selector={{"name": "{FAKE_NODE}"}}, tolerations=[{{"operator": "Exists"}}])',
        f"The node '{FAKE_NODE}' of step 'only' no longer exists, so the pod is lost: clear the task, or add",
    ),
    "NoAccount": Failure(
        '@kubernetes(service_account="no-such-account")',
        r"Kubernetes rejected the pod of step 'only' \(403 .*no-such-account.*\): correct the arguments of "
        "@kubernetes",
    ),
    "NoSecret": Failure(
        f'@kubernetes(namespace="{FULL_NAMESPACE}")',
        r"Kubernetes rejected the pod of step 'only' \(403 secrets .* is forbidden: exceeded quota: .*\): "
        "correct .*, or allow Airflow's service account to .* create secrets.",
    ),
    "NoStorage": Failure(
        '@environment(vars={"METAFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:9"})',
        r"Pods cannot reach S3 at http://127.0.0.1:9 \(Connection refused\): start it, or set "
        "METAFLOW_S3_ENDPOINT_URL on Airflow's workers",
    ),
    "NoMetadata": Failure(
        '@environment(vars={"METAFLOW_SERVICE_URL": "http://metadata.invalid:8080"})',
        r"Pods cannot reach the metadata service at http://metadata.invalid:8080 \(.+\): start it, or set "
        "METAFLOW_SERVICE_INTERNAL_URL on Airflow's workers",
    ),
    "Unfinished": Failure(
        "@retry(times=0)",
        "Step 'only' ended before self.next: its process exited with code 0",
        "import os; os._exit(0)",
    ),
    "TooSlow": Failure(
        "@timeout(seconds=5)",
        "Step 'only' reached its execution timeout, and its pod was deleted: allow more time",
        """try:
            time.sleep(300)
        except BaseException:
            time.sleep(300)  # ignores Metaflow's own timeout""",
    ),
}


def start_failing_run(stack: Any, name: str, folder: Path) -> str:
    """Compile one of the flows, start a run of it, and return the run's id."""
    case, flow = FAILURES[name], folder / f"{name.lower()}.py"
    flow.write_text(FLOW.format(name=name, decorators=case.decorators, body=case.body))
    compile_flow(stack.env, flow, stack.dags_folder / flow.name)
    return start_run(stack, name)


def lose_a_node(core: Any, stack: Any, run: "Future[str]") -> None:
    """Add a node that accepts the run's pod, which asks for it, and remove the node again."""
    capacity = {"cpu": "4", "memory": "16Gi", "ephemeral-storage": "100Gi", "pods": "10"}
    wait_until(lambda: pods_of(core, "LostNode"), 300)
    taint = {"key": FAKE_NODE, "effect": "NoSchedule"}  # against other tests' pods: the node starts none
    core.create_node(
        {"metadata": {"name": FAKE_NODE, "labels": {"name": FAKE_NODE}}, "spec": {"taints": [taint]}}
    )
    try:
        core.patch_node_status(FAKE_NODE, {"status": {"capacity": capacity, "allocatable": capacity}})
        wait_until(lambda: [pod for pod in pods_of(core, "LostNode") if pod.spec.node_name], 300)
        where = ("LostNode", run.result(), "only", 1)
        wait_until(lambda: "Waiting for pod" in "\n".join(stack.rest.log(*where)), 300)
    finally:
        core.delete_node(FAKE_NODE, body=client.V1DeleteOptions(grace_period_seconds=0))


@contextlib.contextmanager
def full_namespace(core: Any) -> Iterator[None]:
    """Create a namespace in which pods can be created, but no secrets."""
    core.create_namespace({"metadata": {"name": FULL_NAMESPACE}})
    try:
        quota = {"metadata": {"name": "no-secrets"}, "spec": {"hard": {"secrets": "0"}}}
        core.create_namespaced_resource_quota(FULL_NAMESPACE, quota)
        yield
    finally:
        core.delete_namespace(FULL_NAMESPACE)


def pods_of(core: Any, dag_id: str) -> list[Any]:
    """Return the pods of a DAG's runs."""
    return core.list_pod_for_all_namespaces(label_selector=f"dag_id={dag_id}").items
