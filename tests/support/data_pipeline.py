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
def dbt_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of dbt's files; it parses the project once as long as they are there."""
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="session")
def dbt(s3: S3Server, dbt_folder: Path) -> Callable[..., Any]:
    """Run a dbt command on what the run `RUN` has landed and return its result."""
    return lambda *arguments: run_dbt(dbt_folder, *arguments)


@pytest.fixture(scope="session")
def pipeline(s3: S3Server, dbt_folder: Path) -> Callable[..., dict[str, Any]]:
    """Run the DAG's tasks up to the published features, and return the report of the last one."""
    return lambda *sources: run_pipeline(dbt_folder, *sources)


def run_pipeline(folder: Path, *sources: str) -> dict[str, Any]:
    """Run the DAG's tasks on some sources; dbt writes to the folder. Return the report of the last task."""
    from include.taxi_data.landing import land
    from include.taxi_data.publishing import publish_features, remove_staging
    from include.taxi_data.sources import list_files

    remove_staging(RUN)
    landed = [land(file, RUN, i) for i, file in enumerate(list_files(list(sources)))]
    built = run_dbt(folder, "build", "--exclude", "resource_type:unit_test")
    assert built.success, built.exception or [result.message for result in built.result]
    return dict(publish_features(RUN, landed))


def run_dbt(folder: Path, *arguments: str) -> Any:
    """Run a dbt command on what the run `RUN` has landed; `folder` is for its files. Return its result."""
    from dbt.cli.main import dbtRunner

    options = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    options += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    return dbtRunner().invoke([*arguments, "--vars", f"{{run: {RUN}}}", *options])
