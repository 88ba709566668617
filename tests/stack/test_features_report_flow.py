"""The example flow is started by the publishing of features; the event has the values of its parameters."""

import subprocess
import sys
import time

from airflow_client.client.api.asset_api import AssetApi
from airflow_client.client.models.create_asset_events_body import CreateAssetEventsBody

from local.stack.settings import REPOSITORY

FLOW = "include/examples/features_report_flow.py"
# The extra data of the event, as from `publish_features`.
REPORT = {
    "trips_read": 8,
    "trips_rejected": 2,
    "trips_kept": 6,
    "rejected_by_reason": {"duplicate": 2},
    "rejected_by_file": {"trips.csv": 2},
    "features": "s3://taxi-data/taxi_features.parquet",
    "rejected": "s3://taxi-data/rejected/manual.parquet",
}


def test_published_features_start_the_example_flow(stack):
    target = stack.dags_folder / "features_report_dag.py"
    command = [sys.executable, FLOW, "airflow", "create", str(target)]
    done = subprocess.run(command, cwd=REPOSITORY, env=stack.env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    stack.wait_for_dag("FeaturesReportFlow")
    stack.wait_for_dag("data_engineering_dag")
    assets = AssetApi(stack.rest.client)
    (asset,) = assets.get_assets(name_pattern="taxi_features").assets
    assert asset.uri == REPORT["features"]  # the data team's asset, which the flow only refers to
    assets.create_asset_event(CreateAssetEventsBody(asset_id=asset.id, extra=REPORT))
    deadline = time.monotonic() + 60
    while (run := stack.rest.latest_run("FeaturesReportFlow")) is None:
        assert time.monotonic() < deadline, "the event did not start the flow"
        time.sleep(0.3)
    assert stack.rest.wait("FeaturesReportFlow", run.dag_run_id).state == "success"
    log = "\n".join(stack.rest.log("FeaturesReportFlow", run.dag_run_id, "end", 1))
    assert "Features hold 75.0% of the trips; rejected: {'duplicate': 2}" in log
