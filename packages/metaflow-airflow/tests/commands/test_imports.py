"""What `airflow create` writes can be imported by Airflow, or the file stays as it was."""

import pytest
from engine_support import compile_flow, run_flow
from flow_models import flow_of, step_of
from metaflow_airflow.commands.imports import NotImportable, require_importable
from metaflow_airflow.compiler.flow_model import FlowParameter, ParameterType, Retries
from metaflow_airflow.compiler.plan import FILE_NAMES
from stored_dags import compiled, stored_dag

FLOW = """
from metaflow import FlowSpec, step

class LongFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.{name})

    @step
    def {name}(self):
        self.next(self.end)

    @step
    def end(self):
        pass

LongFlow()
"""


@pytest.mark.parametrize("name", sorted(FILE_NAMES | {"print", "class", "start"}))
def test_a_dag_of_any_name_can_be_imported(name, tmp_path):
    step = step_of(retries=Retries(1, 1, 2.0), doc="d", timeout_seconds=60)
    assert stored_dag(compiled(flow_of(step), dag_id=name, workflow_timeout=60), tmp_path).dag_id == name


def test_a_flow_that_airflow_cannot_import_gets_one_message_and_the_file_stays(s3, tmp_path):
    flow, target = tmp_path / "long_flow.py", tmp_path / "dags/long.py"
    target.parent.mkdir()
    flow.write_text(FLOW.format(name="middle"))
    before = compile_flow(s3.env, flow, target)
    flow.write_text(FLOW.format(name="s" * 251))
    done = run_flow(s3.env, flow, "airflow", "create", str(target))
    assert done.returncode == 1
    assert f"{target} is left as it was: Airflow 3." in done.stderr
    assert "250 characters" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in target.parent.iterdir()] == ["long.py"]
    assert target.read_text() == before


def test_a_task_group_is_called_before_it_is_written(tmp_path):
    needed = FlowParameter("p", ParameterType.INTEGER, required=True)
    text = compiled(flow_of(step_of(), parameters=(needed,)), task_group=True)
    require_importable(text, tmp_path / "group.py", is_group=True, warn=pytest.fail)
    wrong = text.replace("StepOperator(task_id", "StepOperator(unexpected=1, task_id")
    with pytest.raises(NotImportable, match=r"(?s)group.py is left as it was: .*TypeError: .*unexpected"):
        require_importable(wrong, tmp_path / "group.py", is_group=True, warn=pytest.fail)


def test_an_airflow_that_cannot_be_used_is_a_warning(monkeypatch, tmp_path):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "pendulum.py").write_text("raise ImportError('broken')")
    warnings = []
    require_importable(compiled(), tmp_path / "d.py", is_group=False, warn=warnings.append)
    assert warnings == [f"Warning: the Airflow of this machine cannot check {tmp_path}/d.py: broken"]
