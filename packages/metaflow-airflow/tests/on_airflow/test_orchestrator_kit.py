"""metaflow-orchestrator-kit's contract for Metaflow's schedulers: its static validator and its suite.

The kit brings the tests and names the flows; the flows in `orchestrator_kit/` are ours.
"""

import subprocess
import sys
from pathlib import Path

import metaflow_airflow
import pytest
from orchestrator_kit_support import NOT_HERE, run_suite

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


def test_the_suite_has_exactly_these_tests(outcomes):
    assert set(outcomes) == TESTS


@pytest.mark.parametrize("name", sorted(TESTS))
def test_compliance(name, outcomes):
    assert outcomes[name] is None, outcomes[name]


def test_the_static_validator_finds_no_problem():
    # It searches the source for keywords; where the engine does without one, a comment says why.
    source = Path(metaflow_airflow.__file__).parents[1]
    command = [sys.executable, "-m", "metaflow_orchestrator_kit.validate", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
