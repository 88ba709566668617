"""The project in containers, one for all tests."""

import pytest

from tests.containers.project import Project, running_project


@pytest.fixture(scope="session")
def project() -> Project:
    with running_project() as running:
        yield running
