"""Pods load the Metaflow extension, and metaflow_airflow is not installed there."""

import subprocess
import sys

WITHOUT_ENGINE = """
import sys
sys.modules["metaflow_airflow"] = None  # so that every import of it fails
from metaflow.plugins import DEPLOYER_IMPL_PROVIDERS, STEP_DECORATORS, get_plugin_cli
from metaflow import Deployer
import metaflow_extensions.metaflow_airflow.plugins.airflow_deployer_objects
assert "airflow" in {each.TYPE for each in DEPLOYER_IMPL_PROVIDERS}
assert "airflow_internal" in {each.name for each in STEP_DECORATORS}
commands = {name for cli in get_plugin_cli() for name in cli.commands}
assert "airflow" in commands, commands
"""


def test_the_extension_loads_without_the_engine():
    done = subprocess.run([sys.executable, "-c", WITHOUT_ENGINE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
