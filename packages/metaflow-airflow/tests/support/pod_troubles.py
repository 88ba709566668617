"""Flows of one step each whose pods come to grief, and the sentences that tell so."""

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
FAKE_NODE = "metaflow-test-node"


@dataclass(frozen=True)
class Trouble:
    """A flow of one step: its decorators, its code, and the sentence that its failure is to have."""

    decorators: str
    sentence: str
    body: str = "pass"


TROUBLES = {
    "MissingImage": Trouble(
        '@kubernetes(image="localhost/no-such-image:1")',
        r"The image 'localhost/no-such-image:1' of step 'only' cannot be pulled \(.+\): check its name, or "
        "name its registry's secret in METAFLOW_KUBERNETES_IMAGE_PULL_SECRETS.",
    ),
    "MissingSecret": Trouble(
        '@kubernetes(secrets=["no-such-secret"])',
        r"The pod of step 'only' needs what namespace '.+' does not have \(secret \"no-such-secret\" not "
        r"found\): create it there, or correct METAFLOW_KUBERNETES_SECRETS",
    ),
    "OutOfMemory": Trouble(
        '@kubernetes(memory=400, qos="Guaranteed")',
        "Step 'only' used more memory than its limit of 400M: ask for more with @resources",
        "self.much = b'x' * 2_000_000_000",
    ),
    "Evicted": Trouble(
        '@kubernetes(disk=100, memory=500, cpu=0.1, qos="Guaranteed")',
        r"The pod of step 'only' was evicted from node '.+' \(.*storage.*\): ask for what the step uses",
        'open("/tmp/large", "wb").write(bytes(300_000_000)); time.sleep(300)',
    ),
    "NoNode": Trouble(
        '@kubernetes(node_selector={"no-such": "node"})',
        rf"The pod of step 'only' did not start within {SECONDS_FOR_A_POD} s, as no node takes it "
        r"\(.*affinity.*\): ask for less with @resources",
    ),
    "LostNode": Trouble(
        f'@kubernetes(node_selector={{"name": "{FAKE_NODE}"}}, tolerations=[{{"operator": "Exists"}}])',
        f"The node '{FAKE_NODE}' of step 'only' is gone, and the pod with it: clear the task, or give",
    ),
    "NoAccount": Trouble(
        '@kubernetes(service_account="no-such-account")',
        r"Kubernetes refused the pod of step 'only' \(403 .*no-such-account.*\): correct what @kubernetes",
    ),
    "NoStorage": Trouble(
        '@environment(vars={"METAFLOW_S3_ENDPOINT_URL": "http://127.0.0.1:9"})',
        r"Pods cannot reach S3 at http://127.0.0.1:9 \(Connection refused\): start it, or set "
        "METAFLOW_S3_ENDPOINT_URL on Airflow's workers",
    ),
    "NoMetadata": Trouble(
        '@environment(vars={"METAFLOW_SERVICE_URL": "http://metadata.invalid:8080"})',
        r"Pods cannot reach the metadata service at http://metadata.invalid:8080 \(.+\): start it, or set "
        "METAFLOW_SERVICE_INTERNAL_URL on Airflow's workers",
    ),
    "TooSlow": Trouble(
        "@timeout(seconds=5)",
        "Step 'only' reached its execution timeout, and its pod was removed: give it more time",
        """try:
            time.sleep(300)
        except BaseException:
            time.sleep(300)  # more stubborn than Metaflow's own timeout""",
    ),
}


def start_trouble(stack: Any, name: str, folder: Path) -> str:
    """Compile a flow, start a run of it, and return the run's id."""
    case, flow = TROUBLES[name], folder / f"{name.lower()}.py"
    flow.write_text(FLOW.format(name=name, decorators=case.decorators, body=case.body))
    compile_flow(stack.env, flow, stack.dags_folder / flow.name)
    return start_run(stack, name)


def lose_a_node(core: Any, stack: Any, run: "Future[str]") -> None:
    """Let a node come, take the run's pod, which asks for it, and go."""
    room = {"cpu": "4", "memory": "16Gi", "ephemeral-storage": "100Gi", "pods": "10"}
    wait_until(lambda: pods_of(core, stack, "LostNode"), 300)
    taint = {"key": FAKE_NODE, "effect": "NoSchedule"}  # against the other tests' pods, which it never starts
    core.create_node(
        {"metadata": {"name": FAKE_NODE, "labels": {"name": FAKE_NODE}}, "spec": {"taints": [taint]}}
    )
    try:
        core.patch_node_status(FAKE_NODE, {"status": {"capacity": room, "allocatable": room}})
        wait_until(lambda: [pod for pod in pods_of(core, stack, "LostNode") if pod.spec.node_name], 300)
        where = ("LostNode", run.result(), "only", 1)
        wait_until(lambda: "Waiting for pod" in "\n".join(stack.rest.log(*where)), 300)
    finally:
        core.delete_node(FAKE_NODE, body=client.V1DeleteOptions(grace_period_seconds=0))


def pods_of(core: Any, stack: Any, dag_id: str) -> list[Any]:
    """Return the pods of a DAG's runs."""
    return core.list_namespaced_pod(stack.namespace, label_selector=f"dag_id={dag_id}").items
