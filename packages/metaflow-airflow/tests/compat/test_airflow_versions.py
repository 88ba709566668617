"""Each supported Airflow imports the engine, serves the golden DAGs and runs a flow to its end."""

import json
from urllib.parse import quote

from engine_support import SHAPES

IMPORT_ALL = """
import importlib, pkgutil, metaflow_airflow
for module in pkgutil.walk_packages(metaflow_airflow.__path__, "metaflow_airflow."):
    importlib.import_module(module.name)
print(metaflow_airflow.__file__)
"""
READ_RUN = """
import json, sys
from metaflow import Run, namespace
namespace(None)
run = Run(sys.argv[1])
print(json.dumps({
    "successful": run.successful,
    "tasks": {step.id: len(list(step)) for step in run},
    "total": run["sum_numbers"].task.data.total,
    "attempts": run["end"].task.data.attempts,
}))
"""


def test_every_module_imports_from_the_wheel(airflow):
    imported_from = airflow.run("python", "-W", "ignore", "-c", IMPORT_ALL).splitlines()[-1]
    assert imported_from.startswith(str(airflow.programs.parent))


def test_all_golden_dags_are_served(airflow):
    def served():
        assert airflow.ask("GET", "importErrors")["import_errors"] == []
        return set(SHAPES.values()) <= served_dags(airflow)

    airflow.wait(served, 180)


def test_a_flow_with_foreach_switch_and_retry_runs_to_its_end(airflow):
    def flow(*arguments):
        return airflow.run("python", "versions_flow.py", "--quiet", "--no-pylint", "airflow", *arguments)

    def dag_run():
        return airflow.ask("GET", "dags/VersionsFlow/dagRuns")["dag_runs"][0]

    flow("create")
    airflow.wait(lambda: "VersionsFlow" in served_dags(airflow), 60)
    airflow.ask("PATCH", "dags/VersionsFlow", is_paused=False)
    flow("trigger", "--run-id-file", "run-id")
    run_id = (airflow.home / "run-id").read_text()
    airflow.wait(lambda: dag_run()["state"] in ("success", "failed"), 300)
    assert dag_run()["state"] == "success", airflow.logs()
    tasks = airflow.ask("GET", f"dags/VersionsFlow/dagRuns/{quote(dag_run()['dag_run_id'])}/taskInstances")
    parts = [task for task in tasks["task_instances"] if task["task_id"] == "each_part.part"]
    assert {task["rendered_map_index"] for task in parts} == {"1, 0", "2, 0", "2, 1"}
    assert flow("status", run_id).strip().endswith("Succeeded")
    assert json.loads(airflow.run("python", "-c", READ_RUN, f"VersionsFlow/{run_id}").splitlines()[-1]) == {
        "successful": True,
        "tasks": {
            "start": 1,
            "number": 2,
            "part": 3,
            "small": 2,
            "large": 1,
            "sum_parts": 2,
            "sum_numbers": 1,
            "end": 1,
        },
        "total": 12,
        "attempts": 2,
    }


def served_dags(airflow):
    return {dag["dag_id"] for dag in airflow.ask("GET", "dags?limit=100")["dags"]}
