"""What a DAG file that this package compiled says about its deployment."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "by metaflow-airflow"  # in every compiled file


@dataclass(frozen=True, slots=True)
class CompiledDag:
    """What a compiled DAG file says of its deployment; `branch` is that of @project."""

    dag_id: str
    flow: str
    production_token: str | None = None
    branch: str | None = None

    @property
    def project(self) -> str | None:
        """The name of the project, for a flow with @project."""
        return self.dag_id.partition(".")[0] if self.branch else None


def parse_compiled(text: str | None, *, task_group: bool = False) -> CompiledDag | None:
    """Return the deployment that a DAG file's text is, None if this package did not compile it.

    With `task_group` it is the file of a task group, whose id takes the place of the DAG's.
    """
    if text is None or MARK not in text:
        return None
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    flow = next(_arguments(tree, "Flow"), {})
    decorator, identity = ("task_group", "group_id") if task_group else ("dag", "dag_id")
    dag = next(_arguments(tree, decorator), {})
    if identity not in dag or "name" not in flow:
        return None
    return CompiledDag(dag[identity], flow["name"], flow.get("production_token"), flow.get("branch"))


def read_compiled(file: Path, *, task_group: bool = False) -> CompiledDag | None:
    """Return the deployment that a DAG file is; None if there is no such file, or not one of ours."""
    text = file.read_text(errors="replace") if file.is_file() else None
    return parse_compiled(text, task_group=task_group)


def _arguments(tree: ast.AST, function: str) -> Iterator[dict[str, str]]:
    """Return the text arguments by name of each call of a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield {
                each.arg: each.value.value
                for each in node.keywords
                if each.arg and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
            }
