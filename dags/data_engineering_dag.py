"""### From raw taxi trips to features, a model and predictions.

1. **land** writes each source file to S3 as Parquet, with one set of column names, below this run's prefix.
2. **dbt** checks the trips. Those that break a rule go to `s3://taxi-data/rejected/<run>.parquet`, with the
   reason; the others become features. dbt's tests run last.
3. **publish_features** replaces `s3://taxi-data/taxi_features.parquet` in one step if all tests have passed.
4. Then the ML team's flows run, one after the other.

`raw_data` lists TLC trip records, CSV or Parquet: files, directories, globs, http(s) or s3 addresses. Without
any, the run generates a sample. A bad source fails the run and leaves the features as they were, and so do a
path and an internal address that the worker's TAXI_DATA_ROOTS and TAXI_INTERNAL_ADDRESSES do not allow.
To repeat a run, clear all its tasks: its staged files are deleted from S3 once its features are published.
"""

from pathlib import Path
from typing import Any

from airflow.sdk import Asset, Param, chain, dag, task
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import InvocationMode, LoadMode, TestBehavior
from pendulum import duration

from include.run_flows import run_flows

FEATURES = Asset(name="taxi_features", uri="s3://taxi-data/taxi_features.parquet")
DBT_PROJECT = Path(__file__).parents[1] / "include" / "dbt"
RAW_DATA = Param(
    [],
    type="array",
    items={"type": "string", "minLength": 1},
    title="Raw data",
    description_md="Files, directories, globs, http(s) or s3 addresses, one per line. None: a sample.",
)
# The ML team's flows, in the order in which they run.
FLOWS = [
    "TrainTripDurationFlow",
    "PredictTripDurationFlow",
]


@dag(
    schedule=None,
    max_active_runs=1,  # there is one features file
    params={"raw_data": RAW_DATA},
    default_args={"retries": 2, "retry_delay": duration(seconds=10)},
    tags=["data-engineering", "taxi"],
    doc_md=__doc__,
)
def data_engineering_dag() -> None:
    """Land, check and publish the trips, then run the flows."""

    @task
    def list_sources(params: Any = None, ti: Any = None) -> list[str]:
        """List all files that the sources stand for; report what is skipped in directories."""
        from include.taxi_data.report import skipped_report
        from include.taxi_data.sources import list_files, list_skipped

        files = list_files(params["raw_data"])
        if skipped := list_skipped(params["raw_data"]):
            ti.xcom_push("report", skipped_report(skipped))
        return files

    @task(map_index_template="{{ task.op_kwargs['source'].split('?')[0].split('/')[-1] }}")
    def land(source: str, run: str, ti: Any = None) -> int:
        """Write one source file to S3 as Parquet; return its number of trips."""
        from include.taxi_data import landing

        return landing.land(source, run, ti.map_index)

    dbt = DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(DBT_PROJECT, install_dbt_deps=False, partial_parse=False),
        profile_config=ProfileConfig("taxi", "s3", profiles_yml_filepath=DBT_PROJECT / "profiles.yml"),
        execution_config=ExecutionConfig(invocation_mode=InvocationMode.DBT_RUNNER),
        render_config=RenderConfig(
            # Written by `dbt ls`. Running it takes 8 s, reading its output 1 ms, whenever the DAG is parsed.
            load_method=LoadMode.DBT_LS_FILE,
            dbt_ls_path=DBT_PROJECT / "dbt_ls.jsonl",
            test_behavior=TestBehavior.AFTER_ALL,
            exclude=["resource_type:unit_test"],
            emit_datasets=False,
        ),
        operator_args={"vars": {"run": "{{ run_id }}"}},
    )

    @task(outlets=[FEATURES])
    def publish_features(landed: Any, run: str, ti: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        """Replace the features file; report the numbers of kept and rejected trips."""
        from include.taxi_data import publishing
        from include.taxi_data.report import trips_report

        published = publishing.publish_features(run, landed[:])  # the slice fetches all results at once
        outlet_events[FEATURES].extra = published
        ti.xcom_push("report", trips_report(published))
        return dict(published)

    @task
    def remove_staging(run: str) -> None:
        """Delete the files that this run has staged in S3."""
        from include.taxi_data import publishing

        publishing.remove_staging(run)

    landed = land.partial(run="{{ run_id }}").expand(source=list_sources())
    published = publish_features(landed, run="{{ run_id }}")
    landed >> dbt >> published >> remove_staging(run="{{ run_id }}")
    chain(published, *run_flows(FLOWS))


data_engineering_dag()
