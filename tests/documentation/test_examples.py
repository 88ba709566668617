"""The flows in the documents compile into the DAGs that are shown beside them."""

import os
import re
import shlex
import subprocess
import sys

import pytest
from engine_support import without_airflow
from metaflow_airflow.commands.imports_in_airflow import dags_of, stored

from tests.support.documents import DOCUMENTS, ENGINE, blocks_of, commands_of
from tests.support.excerpts import is_excerpt

BLOCKS = [block for document in DOCUMENTS for block in blocks_of(document)]
FLOWS = [block for block in BLOCKS if "(FlowSpec):\n" in block.text and block.title.endswith("_flow.py")]
# Their flow needs conda: test_packages.py compiles it.
ELSEWHERE = "packages.md"
COMPILED = [
    block
    for block in BLOCKS
    if block.title.startswith("dags/") and "import" not in block.text and block.document.name != ELSEWHERE
]
CREATE = re.compile(r"python (?P<flow>\S+) .*\bcreate .*?(?P<target>dags/\S+)$")


def examples(document, folder):
    """Write the files that a document shows into a folder."""
    (folder / "dags").mkdir(exist_ok=True)
    for block in blocks_of(document):
        if block.title and block not in COMPILED:
            (folder / block.title).write_text(block.text)
    return folder


def run(command, folder, env):
    """Run a command of a document as a reader does and return what it printed."""
    words = [sys.executable, *shlex.split(command)[1:]]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def command_for(target, document):
    """Return the command that compiles a DAG: the document's own, or else the plain one."""
    found = (CREATE.search(command) for command in commands_of(document))
    stated = [match[0] for match in found if match and match["target"] == target]
    return stated[0] if stated else f"python {target.removeprefix('dags/')} airflow create {target}"


def test_each_python_example_is_tested():
    untitled = [str(block) for block in BLOCKS if block.language == "python" and not block.title]
    assert untitled == []
    assert len(FLOWS) > 8
    assert len(COMPILED) > 8


def test_the_flow_with_packages_is_the_one_that_the_engine_is_tested_with():
    (flow,) = [block for block in BLOCKS if block.title.startswith("tests/package_flows/")]
    assert is_excerpt(flow.text, (ENGINE / flow.title).read_text())


@pytest.mark.parametrize("block", COMPILED, ids=str)
def test_a_flow_compiles_into_the_dag_shown(block, s3, tmp_path):
    folder = examples(block.document, tmp_path)
    run(command_for(block.title, block.document), folder, without_airflow(s3.env))
    text = (folder / block.title).read_text()
    assert is_excerpt(block.text, text), text
    assert [stored(dag) for dag in dags_of(folder / block.title)]


def test_the_dag_written_by_hand_calls_a_task_group(s3, tmp_path):
    block = next(block for block in BLOCKS if block.title == "dags/weekly_dag.py")
    folder = examples(block.document, tmp_path)
    run(command_for("dags/alpha_group.py", block.document), folder, s3.env)
    show = "import weekly_dag; print(sorted(weekly_dag.weekly().task_ids))"
    paths = os.pathsep.join([str(folder / "dags"), s3.env["PYTHONPATH"]])
    printed = run(f"python -c '{show}'", folder / "dags", s3.env | {"PYTHONPATH": paths})
    assert printed.strip() == "['AlphaFlow.end', 'AlphaFlow.start', 'choose_alpha', 'report']"
