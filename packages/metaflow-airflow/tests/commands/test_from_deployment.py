"""`from_deployment` executes nothing that Airflow serves: names that could be code are refused."""

import json
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from metaflow_airflow.commands.deployer import NotCompiledError, find_deployer
from metaflow_airflow.compiler.dag_model import Call
from metaflow_airflow.compiler.render import render_value

# What Airflow's client requires of a DAG, besides its id.
DAG = {
    **dict.fromkeys(
        ["catchup", "has_import_errors", "has_task_concurrency_limits", "is_backfillable"], False
    ),
    **dict.fromkeys(["is_paused", "is_stale", "render_template_as_native_obj"], False),
    **dict.fromkeys(["timetable_partitioned", "timetable_periodic"], False),
    **dict.fromkeys(["concurrency", "max_active_tasks", "max_consecutive_failed_dag_runs"], 1),
    **dict.fromkeys(["dag_display_name", "file_token", "fileloc"], "/nowhere"),
    "owners": [],
    "tags": [],
}
CODE = "open('executed', 'w').close()"


def source_of(dag_id, flow, branch=None):
    """Return the source of a DAG that says so about itself; the texts are quoted as the compiler does it."""
    keywords = {"name": flow} | ({"branch": branch} if branch is not None else {})
    head = '"""Compiled from `f.py` by metaflow-airflow 0.1.0."""\n'
    dag = render_value(Call("dag", keywords={"dag_id": dag_id}), 0)
    return f"{head}FLOW = {render_value(Call('Flow', keywords=keywords), 0)}\n@{dag}\ndef f(): ...\n"


@pytest.fixture
def airflow(monkeypatch, tmp_path):
    """`airflow(sources, params)` starts an Airflow that serves these sources by DAG id."""
    servers = []

    def start(sources, params=None):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path, _, _ = self.path.partition("?")
                *_, kind, name = unquote(path).split("/")
                if kind == "dagSources":
                    body = {"content": sources[name], "dag_id": name, "version_number": 1}
                    body["dag_display_name"] = name
                elif name == "dags":
                    body = {"dags": [DAG | {"dag_id": each} for each in sources]}
                    body["total_entries"] = len(sources)
                else:
                    schemas = {each: {"value": None, "schema": {}} for each in params or ()}
                    body = DAG | {"dag_id": unquote(path).split("/")[4], "params": schemas}
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                pass

        servers.append(server := ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("METAFLOW_AIRFLOW_API_URL", f"http://127.0.0.1:{server.server_port}")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("dag_id", "flow", "branch"),
    [
        ("F", "F", None),
        ("other.name", "F", None),
        ("any", "Größe", None),
        ("p.prod.F", "F", "prod"),
        ("p.prod.x.F", "F", "prod.x"),
        ("p.test.x_1.F", "F", "test.x_1"),
        ("p.user.annbc.org.F", "F", "user.ann+b@c.org"),
    ],
)
def test_a_compiled_flow_is_found(dag_id, flow, branch, airflow):
    airflow({dag_id: source_of(dag_id, flow, branch)}, ["text", "with-dash", "class", "start"])
    found = find_deployer(dag_id)
    assert (found.name, found.flow_name) == (dag_id, flow)


@pytest.mark.parametrize(
    ("dag_id", "in_source", "flow", "branch", "params"),
    [
        ("F", "F", f"F(FlowSpec): pass\n{CODE}\nclass F", None, []),
        ("F", "F", "F\n", None, []),
        ("F", "F", "class", None, []),
        ("F", "F", "", None, []),
        ("F", f"p')\n{CODE}\n@project(name='p", "F", "prod", []),
        (f"p')\n{CODE}\n#.prod.F", f"p')\n{CODE}\n#.prod.F", "F", "prod", []),
        ("p.prod.F", "q.prod.F", "F", "prod", []),
        ("p.prod.F", "p.prod.F", "G", "prod", []),
        ("p.prod.F", "p.prod.F", "F", "test.x", []),
        ("p.user.x.F", "p.user.x.F", "F", "user.x\n", []),
        ("p.test.--x.F", "p.test.--x.F", "F", "test.--x", []),
        ("p..F", "p..F", "F", "", []),
        ("F", "F", "F", None, [f"p'); {CODE}; ('"]),
        ("F", "F", "F", None, ["p\\"]),
        ("F", "F", "F", None, ["p'''"]),
        ("F", "F", "F", None, ["fine", "two\nlines"]),
        ("F", "F", "F", None, ["--with"]),
        ("F", "F", "F", None, [""]),
    ],
)
def test_names_that_could_be_code_are_refused_and_not_executed(
    dag_id, in_source, flow, branch, params, airflow, tmp_path
):
    airflow({dag_id: source_of(in_source, flow, branch)}, params)
    with pytest.raises(NotCompiledError, match="is not a compiled flow: "):
        find_deployer(dag_id)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("text", ["(" * 100_000, "-" * 200_000 + "1", "\0", "no python"])
def test_a_source_that_python_cannot_parse_is_refused(text, airflow):
    airflow({"F": f'"""by metaflow-airflow"""\nFLOW = {text}'})
    with pytest.raises(NotCompiledError, match="is not a compiled flow"):
        find_deployer("F")


def test_a_changed_dag_is_left_out_of_the_list_of_deployed_flows_with_a_warning(airflow):
    from metaflow import DeployedFlow

    airflow({"F": source_of("F", "F"), "G": source_of("other", "G"), "H": source_of("H", "H")})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        names = [each.name for each in DeployedFlow.list_deployed_flows(impl="airflow")]
    assert names == ["F", "H"]
    assert ["'G'" in str(each.message) for each in caught if "left out" in str(each.message)] == [True]
    assert not list(Path.cwd().glob("executed"))
