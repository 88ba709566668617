"""Read: decorators that an extension or the command line adds, and none of the machine's settings."""

import os
import re

import pytest
from engine_support import FLOWS, GOLDEN, compile_flow, run_flow, without_package
from metaflow_airflow.compiler.read import unix_cron

EXTENSION = FLOWS.parent / "extension"


def test_a_decorator_that_starts_steps_on_another_system_is_rejected(s3, tmp_path):
    env = s3.env | {"PYTHONPATH": f"{EXTENSION}{os.pathsep}{s3.env.get('PYTHONPATH', '')}"}
    options = ["--with", "elsewhere", "airflow", "create", str(tmp_path / "d.py")]
    done = run_flow(env, EXTENSION / "extended.py", *options)
    assert done.returncode != 0
    assert re.search(r"step 'start' \(extended.py:\d+\): @elsewhere runs the step on a system", done.stderr)
    assert not (tmp_path / "d.py").exists()


def test_what_only_another_scheduler_understands_is_rejected_by_name(s3, tmp_path):
    env = s3.env | {"PYTHONPATH": f"{EXTENSION}{os.pathsep}{s3.env.get('PYTHONPATH', '')}"}
    flow = tmp_path / "planned.py"
    text = (EXTENSION / "extended.py").read_text()
    text = text.replace("@owned", "@planned\n@owned").replace("owned, step", "owned, planned, step")
    flow.write_text(text)
    options = ["--with", "queued:queue=gpu", "--event-logger", "debugLogger", "--monitor", "debugMonitor"]
    done = run_flow(env, flow, *options, "airflow", "create", str(tmp_path / "d.py"))
    assert done.returncode != 0
    for expected in (
        "flow ExtendedFlow (planned.py): @planned has no counterpart in Airflow; remove it",
        "): @queued has no counterpart in Airflow; remove it",
        "--event-logger=debugLogger: it would not reach the steps; set METAFLOW_DEFAULT_EVENT_LOGGER=",
        "--monitor=debugMonitor: it would not reach the steps; set METAFLOW_DEFAULT_MONITOR=debugMonitor",
    ):
        assert expected in done.stderr
    assert "@noted" not in done.stderr
    assert "@owned" not in done.stderr
    assert not (tmp_path / "d.py").exists()


def test_settings_of_the_machine_that_compiles_are_not_compiled_in(s3, tmp_path):
    env = s3.env | {
        "METAFLOW_KUBERNETES_CPU": "7",
        "METAFLOW_KUBERNETES_CONTAINER_IMAGE": "private:1",
        "METAFLOW_KUBERNETES_CONTAINER_REGISTRY": "private.example.com",
        "METAFLOW_KUBERNETES_LABELS": "who=me",
        "METAFLOW_KUBERNETES_ANNOTATIONS": "where=here",
        "METAFLOW_KUBERNETES_NODE_SELECTOR": "mine=yes",
        "METAFLOW_KUBERNETES_SERVICE_ACCOUNT": "me",
        "METAFLOW_KUBERNETES_NAMESPACE": "mine",
    }
    text = compile_flow(env, FLOWS / "pods.py", tmp_path / "pods.py")
    golden = (GOLDEN / "pods.py").read_text()
    assert without_package(text).split("from airflow")[1] == without_package(golden).split("from airflow")[1]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("0 6 * * ? *", "0 6 * * *"), ("*/5 * * * *", "*/5 * * * *"), ("0 0 ? * MON *", "0 0 * * MON")],
)
def test_the_cron_form_of_aws_becomes_that_of_unix(expression, expected):
    assert unix_cron(expression) == expected
