"""Runs flows as a person would, with all of Metaflow's state in a directory of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
INCLUDE = REPOSITORY / "include"


@dataclass(frozen=True)
class FlowHome:
    """A directory that holds all of Metaflow's metadata and artifacts."""

    path: Path

    def run(
        self, flow_file: str, *arguments: str, user: str = "tester", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """`python include/<flow_file> run <arguments>`, with additional environment variables."""
        return self._python(str(INCLUDE / flow_file), "run", *arguments, user=user, **variables)

    def resume(self, flow_file: str, step: str) -> subprocess.CompletedProcess[str]:
        """`python include/<flow_file> resume <step>`, which repeats the latest run from that step on."""
        return self._python(str(INCLUDE / flow_file), "resume", step)

    def artifacts(self, flow: str, *names: str) -> dict[str, Any]:
        """Return artifacts of the last step of the latest successful run, read with the Metaflow client."""
        code = (
            "import json, sys; from metaflow import Flow, namespace; namespace(None);"
            "data = Flow(sys.argv[1]).latest_successful_run.data;"
            "print(json.dumps({name: getattr(data, name) for name in sys.argv[2:]}))"
        )
        answer = self._python("-c", code, flow, *names)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def _python(
        self, *arguments: str, user: str = "tester", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        own = {name: text for name, text in os.environ.items() if not name.startswith("METAFLOW_")}
        environment = own | {
            "METAFLOW_HOME": str(self.path / "settings"),
            "METAFLOW_DEFAULT_DATASTORE": "local",
            "METAFLOW_DEFAULT_METADATA": "local",
            "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(self.path),
            "METAFLOW_USER": user,
            "PYTHONPATH": str(INCLUDE),
        }
        return subprocess.run(
            [sys.executable, *arguments],
            env=environment | variables,
            cwd=self.path,
            capture_output=True,
            text=True,
            timeout=300,
        )


def assert_user_error(run: subprocess.CompletedProcess[str], message: str) -> None:
    """Check that a run failed with this message, once and without a traceback, and was not retried."""
    output = run.stdout + run.stderr
    assert run.returncode != 0
    assert "Traceback" not in output
    assert output.count(message) == 1
    assert output.count("Task is starting") == run.stdout.count("Task finished successfully") + 1
