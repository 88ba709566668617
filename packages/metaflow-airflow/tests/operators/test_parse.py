"""Airflow parses the compiled files without importing Metaflow, and finds the flow's graph in them."""

import json
import subprocess
import sys

import pytest
from engine_support import COMPILED, GOLDEN

PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
print(json.dumps({
    "errors": bag.import_errors,
    "edges": {
        dag.dag_id: sorted((task.task_id, below) for task in dag.tasks for below in task.downstream_task_ids)
        for dag in bag.dags.values()
    },
}))
"""

IMPORT = """
import runpy, sys
for file in sys.argv[1:]:
    runpy.run_path(file)
heavy = {"metaflow", "kubernetes", "boto3", "pandas", "airflow.providers.cncf.kubernetes.operators.pod"}
print(sorted(heavy & set(sys.modules)))
"""

EDGES = {
    "LinearFlow": [["middle", "end"], ["start", "middle"]],
    "ForeachFlow": [
        ["each_square.halve", "join"],
        ["each_square.square", "each_square.halve"],
        ["join", "end"],
        ["start", "each_square.square"],
    ],
    "ConditionsForeachFlow": [
        ["each_number.list_parts", "list_parts-splits"],
        ["each_number.empty", "numbers"],
        ["each_number.number", "each_number.empty"],
        ["each_number.number", "each_number.list_parts"],
        ["each_part.even_part", "each_parts.parts"],
        ["each_part.odd_part", "each_parts.parts"],
        ["each_part.part", "each_part.even_part"],
        ["each_part.part", "each_part.odd_part"],
        ["each_parts.parts", "numbers"],
        ["list_parts-splits", "each_part.part"],
        ["numbers", "end"],
        ["start", "each_number.number"],
        ["start", "each_parts.parts"],
    ],
    "SensorsFlow": [
        ["every-part", "start"],
        ["external_task_sensor", "start"],
        ["external_task_sensor_2", "start"],
        ["prepared", "start"],
        ["s3_key_sensor", "start"],
        ["start", "end"],
    ],
    "SplitFlow": [
        ["join", "end"],
        ["left", "lower"],
        ["left", "upper"],
        ["left_join", "join"],
        ["lower", "left_join"],
        ["right", "join"],
        ["start", "left"],
        ["start", "right"],
        ["upper", "left_join"],
    ],
}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory):
    import os

    env = os.environ | {"AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow"))}
    env |= {"AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [sys.executable, "-c", PARSE, str(GOLDEN)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_all_files_parse(parsed):
    assert parsed["errors"] == {}
    assert set(parsed["edges"]) == set(COMPILED.values())


@pytest.mark.parametrize("dag_id", EDGES)
def test_the_edges_are_those_of_the_flow(dag_id, parsed):
    assert parsed["edges"][dag_id] == sorted(EDGES[dag_id])


def test_parsing_loads_nothing_heavy():
    files = [file for file in GOLDEN.glob("*.py") if file.stem != "sensors"]  # Airflow's own, heavy as it is
    command = [sys.executable, "-c", IMPORT, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
