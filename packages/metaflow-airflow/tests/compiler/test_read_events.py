"""Events and other flows that start a flow: compiled as on Argo Workflows, mistakes reported at once."""

import pytest
from engine_support import compile_flow, run_flow
from events_support import FLOW

MISTAKES = {
    'event={"name": "a", "parameters": {"missing": "x"}}': "'missing', which is not a parameter",
    'events=[{"name": "a", "parameters": ["alpha"]}, {"name": "b", "parameters": ["alpha"]}]': "already set",
    'event="a", options={"reset_at": {"cron": "* * * * *"}}': "@trigger(options={'reset_at'",
    'event="new\\nline"': "cannot be the name of an Airflow asset",
    'events=["a", "b"]': "'needed': it is required, but a run started by an event has no value for it",
}


@pytest.mark.parametrize("arguments", MISTAKES)
def test_a_mistake_is_reported_when_the_flow_is_compiled(arguments, s3, tmp_path):
    flow = tmp_path / "mistaken.py"
    flow.write_text(FLOW.format(imports="trigger", decorator=f"trigger({arguments})"))
    done = run_flow(s3.env, flow, "airflow", "create", str(tmp_path / "dag.py"))
    assert done.returncode == 1
    assert MISTAKES[arguments] in done.stderr
    assert "Traceback" not in done.stderr


FINISHED = {
    'trigger_on_finish(flow="Other")': ["metaflow.Other.end"],
    'trigger_on_finish(flow="shop.prod.Other")': ["metaflow.shop.prod.Other.end"],
    'trigger_on_finish(flow={"name": "Other", "project": "shop", "project_branch": "prod"})': [
        "metaflow.shop.prod.Other.end"
    ],
    'project(name="shop")\n@trigger_on_finish(flows=["Other", "bar.prod.x.Y"])': [
        "metaflow.shop.user.ann.Other.end",
        "metaflow.bar.prod.x.Y.end",
    ],
    'project(name="shop")\n@trigger_on_finish(flow={"name": "Other", "project_branch": "prod"})': [
        "metaflow.shop.prod.Other.end"
    ],
}


@pytest.mark.parametrize("decorator", FINISHED)
def test_a_flow_waits_for_another_as_on_argo_workflows(decorator, s3, tmp_path):
    flow = tmp_path / "waiting.py"
    text = FLOW.format(imports="project, trigger_on_finish", decorator=decorator)
    flow.write_text(text.replace("required=True", 'default="n"'))
    text = compile_flow(s3.env | {"METAFLOW_USER": "ann"}, flow, tmp_path / "dag.py")
    schedule = ", ".join(f'Asset("{name}")' for name in FINISHED[decorator])
    assert f"schedule=[{schedule}]," in text
    mine = "shop.user.ann.MistakenFlow" if "@" in decorator else "MistakenFlow"
    assert f'outlets=[Asset("metaflow.{mine}.end")]' in text


def test_half_a_project_is_refused(s3, tmp_path):
    flow = tmp_path / "half.py"
    decorator = 'trigger_on_finish(flow={"name": "Other", "project": "shop"})'
    flow.write_text(FLOW.format(imports="trigger_on_finish", decorator=decorator))
    done = run_flow(s3.env, flow, "airflow", "create", str(tmp_path / "dag.py"))
    assert done.returncode == 1
    assert "names only the project of flow 'Other'" in done.stderr
