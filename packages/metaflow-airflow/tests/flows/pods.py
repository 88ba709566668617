"""Steps with settings of their pods, which runners without pods ignore."""

from metaflow import FlowSpec, catch, current, kubernetes, resources, retry, step


class PodsFlow(FlowSpec):
    """Each step has other settings.

    start -> large -> placed -> end
    """

    @kubernetes
    @step
    def start(self):
        self.next(self.large)

    @resources(cpu=3, gpu=1, shared_memory=64)
    @kubernetes(cpu=2, memory=8192, disk=20480, gpu_vendor="amd", use_tmpfs=True, qos="Guaranteed")
    @step
    def large(self):
        self.next(self.placed)

    @catch(var="problem")
    @retry(times=1, minutes_between_retries=0)
    @kubernetes(
        image="registry.example.com/team/trainer:1.2",
        image_pull_policy="Always",
        image_pull_secrets=["registry"],
        namespace="training",
        service_account="trainer",
        secrets=["warehouse"],
        node_selector="disk=ssd,zone=a",
        tolerations=[{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
        labels={"team": "ml"},
        annotations={"note": 'it\'s "quoted" $(id) `id`\n{{ 1+1 }} %s ünïcödé 🚕'},
        tmpfs_size=256,
        tmpfs_path="/scratch",
        tmpfs_tempdir=False,
        persistent_volume_claims={"models": "/models"},
        port=8080,
        extended_resources={"example.com/dongle": "1"},
        security_context={"run_as_user": 1000, "run_as_non_root": True},
    )
    @step
    def placed(self):
        self.attempt = current.retry_count
        self.next(self.end)

    @step
    def end(self):
        self.problem_seen = self.problem


if __name__ == "__main__":
    PodsFlow()
