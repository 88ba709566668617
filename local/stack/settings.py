"""The settings of a stack: its state directory, its ports, and the folders of its DAGs."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from local.errors import StackError
from local.stack.free_ports import HOST
from local.stack.ports import Ports, complete_ports, read_ports

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108 on Linux and 104 on macOS


@dataclass(frozen=True, slots=True)
class Settings:
    """One stack. Airflow reads DAGs from `dags_folders`, of which the first is the project's.

    With `login`, Airflow asks for a password.
    """

    state: Path
    ports: Ports
    dags_folders: tuple[Path, ...]
    login: bool = False

    @property
    def s3_url(self) -> str:
        """Address of the S3 server."""
        return f"http://{HOST}:{self.ports.s3}"

    @property
    def airflow_url(self) -> str:
        """Address of Airflow's user interface and REST API."""
        return f"http://{HOST}:{self.ports.airflow}"

    @property
    def execution_api_url(self) -> str:
        """Address of the API that Airflow's tasks use."""
        return f"http://{HOST}:{self.ports.internal.get('execution_api')}/execution/"

    @property
    def logs(self) -> Path:
        """Directory of the services' own logs (one file per service, rotated)."""
        return self.state / "logs"

    @property
    def env_file(self) -> Path:
        """File that people source in bash to use the stack by hand."""
        return self.state / "env"

    @property
    def raw_data_file(self) -> Path:
        """File with the sources that `make run` was given: the runs of this stack may read them."""
        return self.state / "raw-data"

    @property
    def dags_folder(self) -> Path:
        """Folder of the project's DAGs."""
        return self.dags_folders[0]

    @property
    def compiled_dags_folder(self) -> Path:
        """Folder that the flows are compiled into."""
        return self.dags_folder / "compiled"

    @property
    def socket(self) -> Path:
        """Supervisor's Unix socket: in the state directory, unless its path would be too long there."""
        inside = self.state / "supervisor.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = sha256(os.fsencode(self.state)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"stack-{os.getuid()}-{name}" / "supervisor.sock"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from environment variables; ports and login also from what the last start has saved.

    STACK_DIR (default `.local` in the repository), S3_PORT, AIRFLOW_PORT, AIRFLOW_LOGIN (1 or 0, default 0),
    DAGS_FOLDER (default `dags`; several folders are separated as in PATH).

    Raises:
        StackError: S3_PORT or AIRFLOW_PORT is not a port number, or AIRFLOW_LOGIN is neither 0 nor 1.
    """
    state = Path(environment.get("STACK_DIR") or REPOSITORY / ".local").expanduser().resolve()
    folders = environment.get("DAGS_FOLDER") or str(REPOSITORY / "dags")
    return Settings(
        state=state,
        ports=read_ports(environment, state),
        dags_folders=tuple(Path(folder).resolve() for folder in folders.split(os.pathsep)),
        login=_login(environment, state),
    )


def save_login(settings: Settings) -> None:
    """Keep the choice of a login for the commands that follow."""
    (settings.state / "login").write_text(str(int(settings.login)))


def _login(environment: Mapping[str, str], state: Path) -> bool:
    saved = state / "login"
    choice = environment.get("AIRFLOW_LOGIN") or (saved.read_text() if saved.exists() else "0")
    if choice not in ("0", "1"):
        raise StackError(f"AIRFLOW_LOGIN is {choice!r}: set it to 1 for an Airflow with a login, or to 0.")
    return choice == "1"


def with_internal_ports(settings: Settings) -> Settings:
    """Return the settings with all internal ports; the stack must be down."""
    return replace(settings, ports=complete_ports(settings.ports, settings.state))
