"""Making Airflow's SQLite database, once per Airflow version."""

import sqlite3
import subprocess
import sys
from importlib.metadata import version

from local.errors import StackError
from local.stack.environment import process_environment
from local.stack.processes import marks
from local.stack.settings import Settings


def migrate(settings: Settings) -> bool:
    """Make or update the database if this Airflow has not done so yet; say whether there was work.

    Raises StackError with Airflow's last words when it fails.
    """
    home = settings.state / "airflow"
    stamp = home / "database-version"
    if stamp.exists() and stamp.read_text() == version("apache-airflow"):
        return False
    if not stamp.exists():  # a first start that was killed half-way leaves a database that cannot be used
        for leftover in home.glob("airflow.db*"):
            leftover.unlink()
    _run_migration(settings)
    with sqlite3.connect(home / "airflow.db") as database:
        database.execute("PRAGMA journal_mode=WAL")  # readers and the writer no longer block each other
    stamp.write_text(version("apache-airflow"))
    return True


def _run_migration(settings: Settings) -> None:
    log = settings.logs / "database.log"
    with log.open("w") as stream:
        finished = subprocess.run(
            [sys.executable, "-m", "airflow", "db", "migrate"],
            env={**process_environment(settings), **marks(settings.state)},
            cwd=settings.state,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    if finished.returncode:
        last = (log.read_text(errors="replace").strip().splitlines() or ["nothing"])[-1]
        raise StackError(f"Airflow could not make its database; its last words: {last} (see {log}).")
