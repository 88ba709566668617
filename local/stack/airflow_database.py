"""Creating and migrating Airflow's SQLite database, once per Airflow version."""

import sqlite3
import subprocess
import sys
from importlib.metadata import version

from local.errors import StackError
from local.stack.environment import process_environment
from local.stack.processes import marks
from local.stack.settings import Settings


def migrate(settings: Settings) -> bool:
    """Create or migrate the database once per version of Airflow, and return whether it was necessary.

    Raises:
        StackError: the migration failed; the message has the last line of its output.
    """
    home = settings.state / "airflow"
    stamp = home / "database-version"
    if stamp.exists() and stamp.read_text() == version("apache-airflow"):
        return False
    if not stamp.exists():  # a first start that was killed leaves an unusable database
        for leftover in home.glob("airflow.db*"):
            leftover.unlink()
    _run_migration(settings)
    with sqlite3.connect(home / "airflow.db") as database:
        database.execute("PRAGMA journal_mode=WAL")  # readers and the writer do not block each other
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
        last = (log.read_text(errors="replace").strip().splitlines() or ["the log is empty"])[-1]
        raise StackError(f"Airflow could not create its database. Last line of {log}: {last}")
