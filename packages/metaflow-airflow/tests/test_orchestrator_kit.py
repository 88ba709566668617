"""metaflow-orchestrator-kit's contract for Metaflow's schedulers: its static validator and its suite.

The kit brings the tests and names the flows; the flows in `orchestrator_kit/` are ours.
"""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import metaflow_airflow
import metaflow_orchestrator_kit.compliance as compliance
import pytest

FLOWS = Path(__file__).parent / "orchestrator_kit"
BACKENDS = (
    "backends: [{name: airflow, scheduler_type: airflow, cluster: null, decospec: null, enabled: true}]\n"
)
# In test_packages.py, because it needs a conda channel.
NOT_HERE = "test_conda_packages_available"
# The kit would skip what not every scheduler can; here nothing is optional.
ALL_REQUIRED = "from metaflow_orchestrator_kit import capabilities\ncapabilities.OPTIONAL = frozenset()\n"
TESTS = {
    "test_run_params_multiple_values",
    "test_branch_propagated_to_steps",
    "test_retry_count_from_scheduler",
    "test_config_value_propagated",
    "test_nested_foreach_or_skip",
    "test_config_params_excluded_from_init",
    "test_from_deployment_dotted_name",
}


@pytest.fixture(scope="module")
def outcomes(stack, tmp_path_factory):
    return run_suite(stack, stack.env, tmp_path_factory.mktemp("kit"), f"not {NOT_HERE}")


def run_suite(stack, env, folder, which):
    """Return what became of each test of the suite that is meant: None when it passed, or else why not."""
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


def test_the_suite_has_no_other_tests(outcomes):
    assert set(outcomes) == TESTS


@pytest.mark.parametrize("name", sorted(TESTS))
def test_compliance(name, outcomes):
    assert outcomes[name] is None, outcomes[name]


def test_the_static_validator_has_nothing_to_say():
    # It looks for words in the source; where another way is taken here, a comment names the word and the way.
    source = Path(metaflow_airflow.__file__).parents[1]
    command = [sys.executable, "-m", "metaflow_orchestrator_kit.validate", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
