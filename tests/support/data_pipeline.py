"""Fixtures that run the data pipeline step by step, without Airflow: `source`, `dbt` and `pipeline`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.stack.settings import REPOSITORY
from tests.support.s3_server import S3Server

RUN = "manual__2026-01-01T00:00:00+00:00"  # the form of Airflow's run ids
DBT_PROJECT = REPOSITORY / "include" / "dbt"


@pytest.fixture
def source(tmp_path: Path) -> Callable[[str, bytes], str]:
    """Write a file in the test's directory and return its path."""

    def write(name: str, content: bytes) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    return write


@pytest.fixture(scope="session")
def dbt(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Run a dbt command on what the run `RUN` has landed and return its result."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("dbt")

    def invoke(*arguments: str) -> Any:
        options = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        options += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
        return dbtRunner().invoke([*arguments, "--vars", f"{{run: {RUN}}}", *options])

    return invoke


@pytest.fixture(scope="session")
def pipeline(s3: S3Server, dbt: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Run the DAG's tasks up to the published features, and return the report of the last one."""
    from include.taxi_data.landing import land
    from include.taxi_data.publishing import publish_features, remove_staging
    from include.taxi_data.sources import list_files

    def run(*sources: str) -> dict[str, Any]:
        remove_staging(RUN)
        landed = [land(file, RUN, i) for i, file in enumerate(list_files(list(sources)))]
        built = dbt("build", "--exclude", "resource_type:unit_test")
        assert built.success, built.exception or [result.message for result in built.result]
        return publish_features(RUN, landed)

    return run
