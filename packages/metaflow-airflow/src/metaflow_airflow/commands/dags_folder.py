"""The DAGs folder: where `airflow create` writes by default, and which file defines a DAG."""

import os
from pathlib import Path

from metaflow.exception import MetaflowException
from metaflow.metaflow_config_funcs import from_conf

from metaflow_airflow.compiler.compiled_file import defines_dag, read_compiled


def dags_folder() -> Path | None:
    """Return the folder that Airflow reads DAG files from, None if nothing on this machine names it."""
    if folder := _folder_of_settings():
        return folder
    try:
        from airflow.configuration import conf
    except ImportError:  # a machine that deploys flows does not need Airflow
        return None
    return Path(conf.get("core", "dags_folder"))


def default_file(dag_id: str) -> Path:
    """Return the file of a DAG for which none was named.

    Raises:
        MetaflowException: Nothing on this machine names the DAGs folder.
    """
    folder = dags_folder()
    if folder is None:
        raise MetaflowException(
            "There is no DAGs folder to write to: set METAFLOW_AIRFLOW_DAGS_FOLDER, or name a file."
        )
    return folder / f"{dag_id}.py"


def find_file(dag_id: str) -> Path | None:
    """Return the compiled file of a DAG in the DAGs folder, whatever its name; None if there is none."""
    folder = dags_folder()
    if folder is None or not folder.is_dir():
        return None
    candidates = [folder / f"{dag_id}.py", *sorted(folder.rglob("*.py"))]
    return next(
        (file for file in candidates if (found := read_compiled(file)) and found.dag_id == dag_id), None
    )


def other_files(target: Path, dag_id: str) -> list[Path]:
    """Return the files in a DAG file's DAGs folder, except that file, that define the same DAG.

    The DAGs folder is that of the settings or the closest folder called `dags`, if the file is in them; of
    both, the one that contains the other. If it is in neither, the file's folder and the folders in it are
    searched.
    """
    target = target.resolve()
    if folder := _folder_around(target):
        files = _python_files(folder)
    else:
        files = [*sorted(target.parent.glob("*.py")), *sorted(target.parent.glob("*/*.py"))]
    return [file for file in files if file != target and defines_dag(file, dag_id)]


def _folder_around(target: Path) -> Path | None:
    """Return the DAGs folder that a file is in, if settings or folder names show it."""
    found = [folder for folder in target.parents if folder.name == "dags"][:1]
    settings = _folder_of_settings()
    if settings and target.is_relative_to(settings.resolve()):
        found.append(settings.resolve())
    return min(found, key=lambda folder: len(folder.parts), default=None)


def _folder_of_settings() -> Path | None:
    named = from_conf("AIRFLOW_DAGS_FOLDER") or os.environ.get("AIRFLOW__CORE__DAGS_FOLDER")
    return Path(named).expanduser() if named else None


def _python_files(folder: Path) -> list[Path]:
    """Return the Python files below a folder, sorted; not those of hidden folders or virtual environments."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and not Path(parent, name, "pyvenv.cfg").exists()
        )
        found += [Path(parent, name) for name in sorted(files) if name.endswith(".py")]
    return found
