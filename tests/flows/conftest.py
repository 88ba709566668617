"""The features of the trips, and a Metaflow to run the flows with."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

from tests.support.flow_home import INCLUDE, FlowHome

sys.path.insert(0, str(INCLUDE))  # Metaflow runs a flow file with its directory there: `import taxi`


@pytest.fixture(scope="session")
def features(good_trips: pd.DataFrame) -> pd.DataFrame:
    """The columns of the features file."""
    from taxi.features import FEATURE_NAMES, PICKUP_TIME, TARGET

    return good_trips[[PICKUP_TIME, *FEATURE_NAMES, TARGET]]


@pytest.fixture(scope="session")
def promised(has_real_trips: bool) -> dict[str, float]:
    """The largest error and the smallest R2 that the best model may have on trips held out by time."""
    if has_real_trips:
        return {"mae_seconds": 175.5, "r2": 0.7895}  # 175 s and 0.790, rounded
    return {"mae_seconds": 187, "r2": 0.825}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[pd.DataFrame], Path]:
    """Write a frame as Parquet, unchanged."""

    def write_frame(frame: pd.DataFrame, name: str = "features.parquet") -> Path:
        path = tmp_path / name
        frame.to_parquet(path, index=False)
        return path

    return write_frame


@pytest.fixture
def flow_home(tmp_path: Path) -> FlowHome:
    """A Metaflow without any runs."""
    path = tmp_path / "home"
    path.mkdir()
    return FlowHome(path)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, features: pd.DataFrame) -> tuple[FlowHome, Path]:
    """Metaflow with one training run, by somebody who pretends to be Airflow, and its features file."""
    # The processes of a test run share the training, which takes long; each has a copy.
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    original = FlowHome(shared / "trained")
    with FileLock(shared / "trained.lock"):
        if not original.path.exists():
            original.path.mkdir()
            train(original, features)
    home = FlowHome(Path(shutil.copytree(original.path, tmp_path_factory.mktemp("trained") / "home")))
    return home, home.path / "features.parquet"


def train(home: FlowHome, features: pd.DataFrame) -> None:
    """Run the training flow in a home, where its features file is put."""
    file = home.path / "features.parquet"
    features.to_parquet(file, index=False)
    tags = ["production:traintripdurationflow-0-79f7", "airflow-dag-id:TrainTripDurationFlow"]
    pretended = {"METAFLOW_RUNTIME_NAME": "airflow", "TAXI_DATA_ROOTS": str(home.path)}
    arguments = ["--features", str(file), *(f"--tag={tag}" for tag in tags)]
    run = home.run("train_taxi_flow.py", *arguments, user="somebody", **pretended)
    assert run.returncode == 0, run.stdout + run.stderr
