"""Settings, files and tests that the documents name exist."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import metaflow.metaflow_config
import pytest

from local.stack.settings import REPOSITORY
from tests.support.documents import DOCUMENTS, ENGINE, blocks_of, code_of, name_of, spans_of

VARIABLE = re.compile(r"(?<![\w$<{./])[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]\b(?!…)")
TEST = re.compile(r"(?:([\w/]+\.py)(?:::(\w+))?|\b(test_\w+))(?:\[(\w+)\])?")
SHAPE = re.compile(r"\[(\w+)\]")
# Made by the commands beside them, so not in the repository.
GENERATED = ("dags/compiled/", ".local", "include/churn_flow.py")
# Names tests and a setting of Metaflow's own suites, too.
ABOUT_OTHER_SUITES = ENGINE / "CONFORMANCE.md"
OF_OTHERS = {"TEST_S3_RETRY"}


@cache
def tracked_files():
    """Return the paths of the repository's files, those not yet added to git included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (REPOSITORY / name).is_file()]


@cache
def names_in_code():
    """Return every word in capitals in the repository's files other than documents."""
    names = set()
    for name in tracked_files():
        if not name.endswith((".md", "constraints.txt")) and not name.startswith("tests/documentation/"):
            names.update(re.findall(r"[A-Z][A-Z0-9_]+", (REPOSITORY / name).read_text(errors="replace")))
    return names


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_settings_exist(document):
    unknown = {name for name in VARIABLE.findall(code_of(document)) if not exists(name)} - OF_OTHERS
    assert unknown == set()


def exists(variable):
    """Return whether the code or Metaflow reads a setting."""
    short = variable.removeprefix("METAFLOW_")
    if variable in names_in_code() or hasattr(metaflow.metaflow_config, short):
        return True
    section, _, option = variable.removeprefix("AIRFLOW__").partition("__")
    return section == "METAFLOW" and f'"metaflow", "{option.lower()}"' in engine_source()


@cache
def engine_source():
    return "\n".join(file.read_text() for file in (ENGINE / "src").rglob("*.py"))


def test_a_setting_that_does_not_exist_is_found():
    assert not exists("METAFLOW_AIRFLOW_NO_SUCH_SETTING")
    assert not exists("AIRFLOW__METAFLOW__NO_SUCH_SETTING")
    assert exists("AIRFLOW__METAFLOW__CODE_CACHE")
    assert exists("METAFLOW_KUBERNETES_SECRETS")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_files_exist(document):
    top = {name.partition("/")[0] for name in tracked_files() if "/" in name}
    titles = {block.title for block in blocks_of(document)}
    missing = []
    for span in spans_of(document):
        path = re.fullmatch(r"([\w.-]+)/[\w./-]*", span)
        is_ours = path and path[1] in {*top, "docs", "src", "tests"}
        if is_ours and span not in titles and not span.startswith(GENERATED):
            missing += [] if (REPOSITORY / span).exists() or (document.parent / span).exists() else [span]
    assert missing == []


@cache
def defined_tests():
    """Return the names of the tests in each test file, by its path."""
    return {
        name: {
            node.name
            for node in ast.walk(ast.parse((REPOSITORY / name).read_text()))
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for name in tracked_files()
        if Path(name).name.startswith("test_") and name.endswith(".py")
    }


@pytest.mark.parametrize("document", [each for each in DOCUMENTS if each != ABOUT_OTHER_SUITES], ids=name_of)
def test_tests_exist(document):
    named = [found for span in spans_of(document) if "test_" in span and (found := TEST.fullmatch(span))]
    assert [found[0] for found in named if not is_test(*found.groups())] == []


def is_test(file, name, alone, parameter):
    """Return whether a reference such as `test_a.py::test_b[c]` or `test_b` leads to a test."""
    files = {
        path: names
        for path, names in defined_tests().items()
        if file is None or f"/{path}".endswith(f"/{file}")
    }
    wanted = name or alone
    if wanted is None:
        return bool(files)
    return any(wanted in names for names in files.values()) and parameter in (None, *flow_shapes())


@cache
def flow_shapes():
    """Return the names of the engine's flows of one shape each."""
    return {path.stem for path in (ENGINE / "tests/golden").glob("*.py")}


def test_the_table_of_features_names_flows_that_are_tested():
    named = [SHAPE.fullmatch(span) for span in spans_of(ENGINE / "README.md")]
    assert {found[1] for found in named if found} - {"name"} <= flow_shapes()


def test_a_test_that_does_not_exist_is_found():
    assert is_test("test_golden.py", None, None, None)
    assert not is_test("test_nothing.py", None, None, None)
    assert not is_test("test_golden.py", "test_nothing", None, None)
    assert not is_test(None, None, "test_nothing", None)
