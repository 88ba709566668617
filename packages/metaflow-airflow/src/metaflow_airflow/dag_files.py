"""The DAG files that this package compiled: where they are, and which deployment each is."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from metaflow.exception import MetaflowException
from metaflow.metaflow_config_funcs import from_conf

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


def dags_folder() -> Path | None:
    """Return the folder that Airflow reads DAG files from, as far as this machine can say."""
    if named := from_conf("AIRFLOW_DAGS_FOLDER") or os.environ.get("AIRFLOW__CORE__DAGS_FOLDER"):
        return Path(named).expanduser()
    try:
        from airflow.configuration import conf
    except ImportError:  # where flows are deployed from, Airflow need not be
        return None
    return Path(conf.get("core", "dags_folder"))


def default_file(dag_id: str) -> Path:
    """Return the file of a DAG that was given none. Raises MetaflowException when no folder is known."""
    folder = dags_folder()
    if folder is None:
        raise MetaflowException(
            "There is no DAGs folder to write to: set METAFLOW_AIRFLOW_DAGS_FOLDER, or name a file."
        )
    return folder / f"{dag_id}.py"


def find_file(dag_id: str) -> Path | None:
    """Return the compiled file of a DAG in the DAGs folder, under whatever name; None if it is not there."""
    folder = dags_folder()
    if folder is None or not folder.is_dir():
        return None
    candidates = [folder / f"{dag_id}.py", *sorted(folder.rglob("*.py"))]
    return next(
        (file for file in candidates if (found := read_compiled(file)) and found.dag_id == dag_id), None
    )


def _arguments(tree: ast.AST, function: str) -> Iterator[dict[str, str]]:
    """Return the text arguments by name of each call of a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield {
                each.arg: each.value.value
                for each in node.keywords
                if each.arg and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
            }
