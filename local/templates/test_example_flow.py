"""ExampleFlow, run by Metaflow alone."""

import os
import subprocess
import sys
from pathlib import Path

FLOW = Path(__file__).parents[2] / "include" / "example_flow.py"


def test_it_reports_the_mean(tmp_path: Path) -> None:
    settings = {
        "METAFLOW_DEFAULT_DATASTORE": "local",
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(tmp_path),
        "METAFLOW_USER": "tester",
    }
    command = [sys.executable, str(FLOW), "run", "--count", "5"]
    done = subprocess.run(command, env=os.environ | settings, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The mean of 5 numbers is 2." in done.stdout
