"""The tests that need a Kubernetes run only when they are named: `make test-kubernetes`."""

from pathlib import Path

import pytest

KUBERNETES = Path(__file__).with_name("kubernetes")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the directory out unless it is among the command's arguments."""
    if collection_path != KUBERNETES:
        return None
    named = [Path(config.invocation_params.dir, argument.split("::")[0]) for argument in config.args]
    return None if any(path.is_relative_to(KUBERNETES) for path in named) else True
