"""The command of a pod: whatever a flow contains, the shell sees it as data."""

import subprocess

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from metaflow_airflow.runners.kubernetes.pod_command import pod_command
from metaflow_extensions.metaflow_airflow.plugins.airflow_task.contract import LAUNCHER

SHA1 = "0123456789abcdef0123456789abcdef01234567"
PACKAGE_URL = f"s3://metaflow/metaflow/LinearFlow/data/01/{SHA1}"


def test_the_only_value_in_the_shell_script_is_the_code_package_url():
    (shell, option, script, name, python) = pod_command(PACKAGE_URL, "s3")
    assert (shell, option, name) == ("bash", "-c", "bash")
    assert script.startswith('python -c "$1" || exit && ')
    assert "$(" not in python  # Kubernetes would expand it
    assert subprocess.run(["bash", "-n", "-c", script]).returncode == 0
    assert script.index(f"grep -q ^{SHA1}") < script.index("tar -xzf job.tar")


def test_the_packages_of_a_step_are_arguments_rather_than_script():
    flow, packages = "Flow'; id; '", '$(id)"'
    (_, _, script, _, _, *arguments) = pod_command(PACKAGE_URL, "s3", flow, packages)
    assert arguments == [flow, packages, "s3"]
    assert flow not in script
    assert packages not in script
    assert subprocess.run(["bash", "-n", "-c", script]).returncode == 0
    assert script.endswith('exec ./*/"$3"/bin/python -s -m ' + LAUNCHER)


@pytest.mark.parametrize("root", ["s3://a/$(id)", "s3://a/`id`", 's3://a/"', "s3://a/b c", "s3://a/x';id;'"])
def test_a_url_with_special_characters_of_the_shell_is_rejected(root):
    with pytest.raises(AirflowFailException, match="code package's URL"):
        pod_command(f"{root}/{SHA1}", "s3")
