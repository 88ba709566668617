"""Airflow's DAGs folder, and the compiled files in it."""

import os
from pathlib import Path

from metaflow.exception import MetaflowException
from metaflow.metaflow_config_funcs import from_conf

from metaflow_airflow.compiler.compiled_file import read_compiled


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
