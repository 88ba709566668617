"""Runs the suite of metaflow-orchestrator-kit against a running stack."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import metaflow_orchestrator_kit.compliance as compliance

FLOWS = Path(__file__).parents[1] / "orchestrator_kit"
BACKENDS = (
    "backends: [{name: airflow, scheduler_type: airflow, cluster: null, decospec: null, enabled: true}]\n"
)
# In test_packages.py, because it needs a conda channel.
NOT_HERE = "test_conda_packages_available"
# The kit skips optional capabilities of schedulers; here none is optional.
ALL_REQUIRED = "from metaflow_orchestrator_kit import capabilities\ncapabilities.OPTIONAL = frozenset()\n"


def run_suite(stack, env, folder, which):
    """Run the selected tests of the suite; return each one's failure, None if it passed."""
    (folder / "backends.yaml").write_text(BACKENDS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    compliance: x\n    scheduler_only: x\n")
    (folder / "all_required.py").write_text(ALL_REQUIRED)
    options = ["-c", str(folder / "pytest.ini"), "--ux-config", str(folder / "backends.yaml")]
    options += ["-p", "all_required", "-p", "no:cacheprovider", "--only-backend", "airflow"]
    options += ["-k", which, "--junitxml", str(folder / "results.xml")]
    command = [sys.executable, "-m", "pytest", str(Path(compliance.__file__).parent), *options]
    python_path = os.pathsep.join([str(folder), env["PYTHONPATH"]])
    env = env | {"METAFLOW_AIRFLOW_DAGS_FOLDER": str(stack.dags_folder), "PYTHONPATH": python_path}
    done = subprocess.run(command, cwd=FLOWS, env=env, capture_output=True, text=True, timeout=800)
    assert (folder / "results.xml").exists(), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        problem = next(iter(case), None)
        failed = problem is not None and problem.tag in ("failure", "error", "skipped")
        found[case.attrib["name"].partition("[")[0]] = "".join(problem.itertext()) if failed else None
    return found
