"""The DAG's id follows from the flow's name, `--name` or the project."""

import pytest
from engine_support import FLOWS, run_flow, without_airflow
from metaflow_airflow.compiler.compiled_file import read_compiled

FLOW = FLOWS / "project.py"


def test_a_flow_of_a_project_cannot_have_another_name(s3, tmp_path):
    target = tmp_path / "other.py"
    done = run_flow(s3.env, FLOW, "airflow", "--name", "other", "create", str(target))
    assert done.returncode == 1
    assert "--name is not supported for @projects" in done.stderr
    assert not target.exists()


def test_an_email_address_as_user_gives_a_dag_id_that_airflow_accepts(s3, tmp_path):
    target = tmp_path / "dag.py"
    env = without_airflow(s3.env) | {"METAFLOW_USER": "ann+b@c.org"}
    done = run_flow(env, FLOW, "airflow", "create", str(target))
    assert done.returncode == 0, done.stderr
    compiled = read_compiled(target)
    assert (compiled.dag_id, compiled.branch) == ("taxis.user.annbc.org.ProjectFlow", "user.ann+b@c.org")


@pytest.mark.parametrize("options", [[], ["--production"]])
def test_the_flows_of_a_branch_share_their_token(options, s3, tmp_path):
    (tmp_path / "other.py").write_text(FLOW.read_text().replace("ProjectFlow", "OtherFlow"))
    env, tokens = without_airflow(s3.env), set()
    for flow in (FLOW, tmp_path / "other.py"):
        done = run_flow(env, flow, *options, "airflow", "create", str(tmp_path / "dag.py"))
        assert done.returncode == 0, done.stderr
        tokens.add(read_compiled(tmp_path / "dag.py").production_token)
        (tmp_path / "dag.py").unlink()
    assert len(tokens) == 1
    assert tokens.pop().startswith("mfprj-")


def test_a_name_that_is_no_dag_id_is_refused_with_the_option_that_helps(s3, tmp_path):
    flow = tmp_path / "größe.py"
    flow.write_text((FLOWS / "linear.py").read_text().replace("LinearFlow", "GrößeFlow"))
    refused = run_flow(s3.env, flow, "airflow", "create", str(tmp_path / "dag.py"))
    assert refused.returncode == 1
    assert "choose another name, `python größe.py airflow --name <name> ...`" in refused.stderr
    env = without_airflow(s3.env)
    accepted = run_flow(env, flow, "airflow", "--name", "size", "create", str(tmp_path / "dag.py"))
    assert accepted.returncode == 0, accepted.stderr


def test_the_name_of_a_projects_flow_must_be_changed_in_its_code(s3, tmp_path):
    flow = tmp_path / "project.py"
    flow.write_text(FLOW.read_text().replace("ProjectFlow", "GrößeFlow"))
    refused = run_flow(s3.env, flow, "airflow", "create", str(tmp_path / "dag.py"))
    assert refused.returncode == 1
    assert "change the names of the project, its branch or the flow" in refused.stderr
