"""Rules about the decorators of steps."""

from collections.abc import Iterator

from metaflow_airflow.compiler.flow_model import FlowModel
from metaflow_airflow.compiler.rules.rule import Problem, place_of, rule

# The arguments of `@kubernetes` that the operator's pod settings support, too.
POD_SETTINGS = {
    "annotations",
    "extended_resources",
    "gpu_vendor",
    "image",
    "image_pull_policy",
    "image_pull_secrets",
    "labels",
    "namespace",
    "node_selector",
    "persistent_volume_claims",
    "port",
    "qos",
    "secrets",
    "security_context",
    "service_account",
    "tmpfs_path",
    "tmpfs_size",
    "tmpfs_tempdir",
    "tolerations",
}


@rule
def own_compute(flow: FlowModel) -> Iterator[Problem]:
    """A decorator that starts steps on another system needs Metaflow's own scheduler to do it."""
    for step in flow.steps:
        for name in step.own_compute:
            yield Problem(
                place_of(step),
                f"@{name} runs the step on a system of its own",
                "remove it; where steps run is set in Airflow, by AIRFLOW__METAFLOW__RUNNER",
            )


@rule
def pod_settings(flow: FlowModel) -> Iterator[Problem]:
    """Everything that a step requests for its pod is supported; nothing is ignored silently."""
    for step in flow.steps:
        for name in sorted(step.pod.keys() - POD_SETTINGS):
            yield Problem(
                place_of(step),
                f"@kubernetes({name}=) is not supported",
                "remove it; the step runs with the first `python` on the image's PATH",
            )
