"""The names of a deployed flow that become code on the client, which does not trust what Airflow serves.

People who may change a DAG on Airflow must not be able to run code where `from_deployment` is called.
"""

import keyword
import re
from collections.abc import Iterable

from metaflow_airflow.commands.names import DAG_ID, dag_id_of_project
from metaflow_airflow.compiler.compiled_file import CompiledDag

# Metaflow's rules, those of @project among them; the name of a user may be an e-mail address.
PROJECT = re.compile(r"[a-z0-9_]{1,128}")
BRANCH = re.compile(r"prod|(prod|test)\.[a-z0-9_]{1,128}|user\.[a-zA-Z0-9_.@+-]{1,250}")
PARAMETER = re.compile(r"\w[\w.-]{0,249}")
LONGEST_FLOW = 250  # characters
LONGEST_SHOWN = 60


def name_problem(dag_id: str, deployed: CompiledDag, parameters: Iterable[str]) -> str | None:
    """Return why the names of a deployed flow must not be used, None if they may be.

    Args:
        dag_id: The id of the DAG that was asked for.
        deployed: What the source of the DAG says about it.
        parameters: The names of its parameters.
    """
    if not DAG_ID.fullmatch(dag_id) or deployed.dag_id != dag_id:
        return f"its source defines {_shown(deployed.dag_id)}"
    flow, project, branch = deployed.flow, deployed.project, deployed.branch
    if not flow.isidentifier() or keyword.iskeyword(flow) or len(flow) > LONGEST_FLOW:
        return f"{_shown(flow)} is not the name of a flow"
    if branch is not None:
        if not BRANCH.fullmatch(branch) or not PROJECT.fullmatch(project or ""):
            return f"{_shown(branch)} is not a branch of a project"
        if dag_id_of_project(project, branch, flow) != dag_id:
            return f"the flow {_shown(flow)} of branch {_shown(branch)} has another DAG id"
    wrong = next((name for name in parameters if not PARAMETER.fullmatch(name)), None)
    return None if wrong is None else f"{_shown(wrong)} is not the name of a parameter"


def _shown(name: str) -> str:
    return repr(name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…")
