"""What a DAG file says about its deployment, read without running it."""

import pytest
from engine_support import GOLDEN, SHAPES
from metaflow_airflow.compiler.compiled_file import CompiledDag, defines_dag, parse_compiled, read_compiled


@pytest.mark.parametrize("shape", SHAPES)
def test_a_compiled_file_names_its_dag_and_its_flow(shape):
    compiled = read_compiled(GOLDEN / f"{shape}.py")
    assert (compiled.dag_id, compiled.flow) == (SHAPES[shape], SHAPES[shape])
    assert compiled.production_token


def test_a_deployment_of_a_project_knows_the_project_and_the_branch():
    deployed = CompiledDag("shop.prod.F", "F", branch="prod")
    assert deployed.project == "shop"
    assert CompiledDag("shop.F", "F").project is None


@pytest.mark.parametrize(
    "text",
    [None, "", '@dag(dag_id="F")', "by metaflow-airflow (", "# by metaflow-airflow", "by metaflow-airflow\0"],
)
def test_other_files_are_not_compiled(text):
    assert parse_compiled(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@dag(dag_id="F")\ndef f(): ...', True),
        ('with DAG(dag_id="F"): ...', True),
        ('@dag(dag_id="G")\ndef f(): print("F")', False),
        ('@task_group(group_id="F")\ndef f(): ...', False),
        ('@dag(dag_id="F"', False),
    ],
)
def test_a_file_defines_a_dag_if_it_calls_for_it(text, expected, tmp_path):
    (tmp_path / "dag.py").write_text(text)
    assert defines_dag(tmp_path / "dag.py", "F") is expected
