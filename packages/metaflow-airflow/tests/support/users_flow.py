"""A flow whose steps report what their pods may do."""

from pathlib import Path

from engine_support import compile_flow, start_run
from kubernetes_support import KubernetesStack

DAG = "UsersFlow"
OTHER_USER = 4711  # unknown to the image, whose directories it cannot write to
FLOW = f'''
import getpass
import os
from pathlib import Path

from metaflow import FlowSpec, kubernetes, step

TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


def found():
    """Return what this process may do; Linux describes the rest."""
    status = dict(line.split(":\\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    limits = {{name: int(status[name], 16) for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}}
    (Path.home() / "file").write_text("x")
    Path("file").write_text("x")
    assert getpass.getuser()
    return {{"user": os.getuid(), "token": TOKEN.exists(), **limits}}


class {DAG}(FlowSpec):
    @step
    def start(self):
        self.usual = found()
        self.next(self.end)

    @kubernetes(security_context={{"run_as_user": {OTHER_USER}}}, service_account="default")
    @step
    def end(self):
        self.other = found()


if __name__ == "__main__":
    {DAG}()
'''


def start_users(stack: KubernetesStack, folder: Path) -> str:
    """Compile the flow, start a run of it, and return the run's id."""
    flow = folder / "users.py"
    flow.write_text(FLOW)
    compile_flow(stack.env, flow, stack.dags_folder / flow.name)
    return start_run(stack, DAG)
