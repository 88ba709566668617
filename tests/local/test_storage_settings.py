"""The settings that both stacks share."""

import subprocess
import sys

from local.stack.settings import REPOSITORY


def test_a_plain_python_can_import_them_for_the_containers() -> None:
    without_packages = [sys.executable, "-S", "-c", "import compose.settings"]
    done = subprocess.run(without_packages, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
