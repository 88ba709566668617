"""Reading compiled DAG files: which deployment of which flow a file is."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "by metaflow-airflow"  # in the header of every compiled file


@dataclass(frozen=True, slots=True)
class CompiledDag:
    """What a compiled DAG file says about its deployment; `branch` is that of @project."""

    dag_id: str
    flow: str
    production_token: str | None = None
    branch: str | None = None

    @property
    def project(self) -> str | None:
        """The name of the project, for a flow with @project."""
        return self.dag_id.partition(".")[0] if self.branch else None


def parse_compiled(text: str | None, *, task_group: bool = False) -> CompiledDag | None:
    """Return what a DAG file's text says about its deployment, None if this package did not compile it.

    With `task_group` it is the file of a task group, whose id stands for the DAG's.
    """
    if text is None or MARK not in text:
        return None
    tree = _parse(text)
    flow = next(_keywords_of_calls(tree, "Flow"), {})
    decorator, identity = ("task_group", "group_id") if task_group else ("dag", "dag_id")
    dag = next(_keywords_of_calls(tree, decorator), {})
    if identity not in dag or "name" not in flow:
        return None
    return CompiledDag(dag[identity], flow["name"], flow.get("production_token"), flow.get("branch"))


def read_compiled(file: Path, *, task_group: bool = False) -> CompiledDag | None:
    """Return what a DAG file says about its deployment; None if there is no such file, or it is not ours."""
    text = file.read_text(errors="replace") if file.is_file() else None
    return parse_compiled(text, task_group=task_group)


def defines_dag(file: Path, dag_id: str) -> bool:
    """Return whether a Python file, compiled or written by hand, defines the DAG of this id."""
    text = file.read_text(errors="replace")
    if dag_id not in text:
        return False
    tree = _parse(text)
    calls = [*_keywords_of_calls(tree, "dag"), *_keywords_of_calls(tree, "DAG")]
    return any(keywords.get("dag_id") == dag_id for keywords in calls)


def _parse(text: str) -> ast.Module:
    """Return the syntax tree of a Python file, an empty one if Python cannot parse it."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _keywords_of_calls(tree: ast.AST, function: str) -> Iterator[dict[str, str]]:
    """Yield the keyword arguments that are texts, by name, of each call of a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield {
                each.arg: each.value.value
                for each in node.keywords
                if each.arg and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
            }
