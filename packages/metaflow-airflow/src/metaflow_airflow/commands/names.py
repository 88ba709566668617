"""The DAG's id, and the prefix of its production tokens."""

import base64
import hashlib
import re
import sys
from pathlib import Path

from metaflow import current
from metaflow.exception import MetaflowException

DAG_ID = re.compile(r"[a-zA-Z0-9_.-]{1,250}")  # Airflow's rule


class InvalidName(MetaflowException):
    """A DAG id that Airflow would reject."""

    headline = "Invalid DAG name"


def resolve_name(name: str | None) -> tuple[str, str, bool]:
    """Return the DAG's id, the prefix of its production tokens, and whether it belongs to a project.

    As on Metaflow's other schedulers, the flows of a project's branch share their token.

    Args:
        name: The value of `--name`, if it was given.

    Raises:
        InvalidName: Airflow would reject the id, or `--name` was given for a project.
    """
    project, branch = current.get("project_name"), current.get("branch_name")
    if project and name:
        raise InvalidName("--name is not supported for @projects: use --branch instead.")
    flow = str(current.flow_name)
    dag_id = dag_id_of_project(project, branch, flow) if project else name or flow
    if not DAG_ID.fullmatch(dag_id):
        remedy = (
            "change the names of the project, its branch or the flow"
            if project
            else (f"choose another name, `python {Path(sys.argv[0]).name} airflow --name <name> ...`")
        )
        raise InvalidName(
            f"{dag_id!r} is not a DAG id, which has at most 250 characters, only ASCII letters, digits, '_', "
            f"'-' and '.': {remedy}."
        )
    return dag_id, (_project_prefix(f"{project}.{branch}") if project else dag_id).lower(), bool(project)


def dag_id_of_project(project: str | None, branch: str | None, flow: str) -> str:
    """Return the id of the DAG of a project's flow: the name of a user's branch may be an e-mail address."""
    return re.sub(r"[@+]", "", f"{project}.{branch}.{flow}")


def _project_prefix(branch: str) -> str:
    digest = hashlib.sha1(branch.encode(), usedforsecurity=False).digest()
    return f"mfprj-{base64.b32encode(digest).decode()[:16]}"
