"""The fixture `project`: the project in containers, once per session."""

import pytest

from tests.containers.project import Project, running_project


@pytest.fixture(scope="session")
def project() -> Project:
    with running_project() as running:
        yield running
