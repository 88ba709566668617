"""Values become Python that means the same and that a formatter leaves alone."""

import ast

import pytest
from engine_support import changes_by_formatter
from metaflow_airflow.compiler.dag_model import Call, DagModel, Task, Variable
from metaflow_airflow.compiler.render import render_dag, render_value

TEXTS = [
    "plain",
    "it's",
    'say "hi"',
    "both ' and \"",
    'one \' two ""',
    "back\\slash",
    "\\'",
    "line\nbreak",
    'three """ quotes',
    "ünïcödé 日本語",
    "{{ braces }} {% block %}",
    "\x00\x1b",
    "",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_text_is_unchanged_after_parsing(text):
    assert ast.literal_eval(render_value(text, 0)) == text


@pytest.mark.parametrize(
    "value",
    [
        3,
        -0.5,
        True,
        None,
        [1, "a"],
        {"a": {"b": [1, 2]}},
        ("one",),
        ["x" * 60, "y" * 60],
        {"k" * 50: "v" * 60},
    ],
    ids=range(9),
)
def test_a_value_is_unchanged_after_parsing(value):
    assert ast.literal_eval(render_value(value, 2)) == value


def dag_with(**task):
    arguments = {"task_id": "start"} | task
    body = (Task(None, arguments),)
    imports = {"airflow.sdk": ("dag",)}
    return DagModel(
        "T", task.get("doc_md", ""), "f.py", "d.py", Call("Flow"), "t", {"dag_id": "T"}, body, imports
    )


@pytest.mark.parametrize("text", TEXTS[:-1], ids=range(len(TEXTS) - 1))
def test_a_file_with_any_text_is_valid_and_formatted(text, tmp_path):
    source = render_dag(dag_with(doc_md=text, env={"A": text}, inputs=[Variable("x" * 60)] * 2))
    file = tmp_path / "dag.py"
    file.write_text(source)
    compile(source, "dag.py", "exec")
    assert changes_by_formatter(file) == ""


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_docstring_of_the_flow_is_in_that_of_the_module(text):
    docstring = ast.get_docstring(ast.parse(render_dag(dag_with(doc_md=text))), clean=False)
    assert text in docstring
