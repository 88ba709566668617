"""The project's flows, one file each, `include/<name>_flow.py`: finding them and compiling them into DAGs."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from metaflow_airflow.compiler.compiled_file import read_compiled

from local.errors import StackError
from local.stack.settings import REPOSITORY, Settings

FLOWS_FOLDER = REPOSITORY / "include"


def flow_files() -> list[Path]:
    """Return the files of all flows, in the order of their names."""
    return sorted(FLOWS_FOLDER.glob("*_flow.py"))


def dag_file(flow: Path, settings: Settings) -> Path:
    """Return the file that a flow is compiled into: `dags/compiled/<name>_dag.py`."""
    return settings.compiled_dags_folder / f"{flow.stem.removesuffix('_flow')}_dag.py"


def compile_flows(settings: Settings) -> list[str]:
    """Compile every flow, in parallel, and remove the DAG files of flows that no longer exist.

    The stack's variables must be in this process's environment.
    A flow that somebody has compiled elsewhere in the DAGs folder is left alone, because Airflow accepts only
    one file per DAG.

    Returns:
        Notes for the user, one for each flow that was left alone.

    Raises:
        StackError: a flow cannot be compiled; the message holds the compiler's output.
    """
    elsewhere = _compiled_elsewhere(settings)
    flows = {dag_file(flow, settings): flow for flow in flow_files() if flow not in elsewhere}
    settings.compiled_dags_folder.mkdir(exist_ok=True)
    for file in settings.compiled_dags_folder.glob("*.py"):
        if file not in flows:
            file.unlink()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda target: _compile(flows[target], target), flows))
    return [
        f"{_shown(file)} already defines the DAG of {_shown(flow)} and is used as it is. Delete it to "
        "have the flow compiled on every run."
        for flow, file in elsewhere.items()
    ]


def compiled_dags(settings: Settings) -> dict[str, Path]:
    """Return the compiled files in the DAGs folder by the id of their DAG."""
    files = sorted(settings.dags_folder.rglob("*.py"))
    return {compiled.dag_id: file for file in files if (compiled := read_compiled(file))}


def _compiled_elsewhere(settings: Settings) -> dict[Path, Path]:
    """Return the flows that were compiled into another folder, with the file that each was compiled into."""
    found = {}
    for file in sorted(settings.dags_folder.rglob("*.py")):
        compiled = read_compiled(file)
        if not compiled or file.parent == settings.compiled_dags_folder:
            continue
        for flow in flow_files():
            if re.search(rf"^class {compiled.flow}\b", flow.read_text(), re.MULTILINE):
                found[flow] = file
    return found


def _compile(flow: Path, target: Path) -> None:
    finished = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(flow), "airflow", "create", str(target)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        output = (finished.stdout + finished.stderr).strip()
        raise StackError(f"{_shown(flow)} could not be compiled into a DAG:\n{output}")


def _shown(file: Path) -> str:
    """Return a file's path relative to the repository if it is in there."""
    return str(file.relative_to(REPOSITORY) if file.is_relative_to(REPOSITORY) else file)
