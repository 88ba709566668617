"""Where the stack keeps its state and which ports it listens on."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from local.errors import StackError
from local.stack.free_ports import HOST, free_ports, is_free

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_S3_PORT = 8333
DEFAULT_AIRFLOW_PORT = 8080
SEAWEEDFS_PORTS = ("master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc", "s3_grpc")
INTERNAL_PORTS = (*SEAWEEDFS_PORTS, "execution_api")
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 on Linux and 104 on macOS


@dataclass(frozen=True, slots=True)
class Settings:
    """One stack: its state directory, its ports and the folders its DAGs are read from.

    `internal_ports` are those of `INTERNAL_PORTS`; nobody types them, so they are
    whatever was free when the stack first started, and are kept in the state directory.
    """

    state: Path
    s3_port: int
    airflow_port: int
    internal_ports: dict[str, int]
    dags_folders: tuple[Path, ...]

    @property
    def s3_url(self) -> str:
        """Address of the S3 server."""
        return f"http://{HOST}:{self.s3_port}"

    @property
    def airflow_url(self) -> str:
        """Address of Airflow's user interface and REST API."""
        return f"http://{HOST}:{self.airflow_port}"

    @property
    def execution_api_url(self) -> str:
        """Address of the API that Airflow's tasks talk to."""
        return f"http://{HOST}:{self.internal_ports.get('execution_api')}/execution/"

    @property
    def logs(self) -> Path:
        """Directory of the services' own logs (one file per service, rotated)."""
        return self.state / "logs"

    @property
    def env_file(self) -> Path:
        """File for people to source in bash."""
        return self.state / "env"

    @property
    def dags_folder(self) -> Path:
        """Folder of the pipeline's DAGs."""
        return self.dags_folders[0]

    @property
    def compiled_dags_folder(self) -> Path:
        """Folder that the flows are compiled into."""
        return self.dags_folder / "compiled"

    @property
    def socket(self) -> Path:
        """Supervisor's Unix socket: in the state directory unless that makes the path too long for one."""
        inside = self.state / "supervisor.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = sha256(os.fsencode(self.state)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"stack-{os.getuid()}-{name}" / "supervisor.sock"

    @property
    def all_ports(self) -> dict[str, int]:
        """Every port the stack listens on, by the name of who listens."""
        return {"S3": self.s3_port, "Airflow": self.airflow_port, **self.internal_ports}


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings: environment variables first, then what the last start saved, then the defaults.

    STACK_DIR (default `.local` in the repository), S3_PORT, AIRFLOW_PORT, and DAGS_FOLDER (default `dags`;
    several folders separated as in PATH) are understood. Raises StackError on a port that is no port.
    """
    state = Path(environment.get("STACK_DIR") or REPOSITORY / ".local").expanduser().resolve()
    saved = _saved_ports(state)
    folders = environment.get("DAGS_FOLDER") or str(REPOSITORY / "dags")
    return Settings(
        state=state,
        s3_port=_port(environment, "S3_PORT", saved.get("s3", DEFAULT_S3_PORT)),
        airflow_port=_port(environment, "AIRFLOW_PORT", saved.get("airflow", DEFAULT_AIRFLOW_PORT)),
        internal_ports={name: saved[name] for name in INTERNAL_PORTS if name in saved},
        dags_folders=tuple(Path(folder).resolve() for folder in folders.split(os.pathsep)),
    )


def with_internal_ports(settings: Settings) -> Settings:
    """Return the settings with an internal port for every name, free on this machine, and save all ports.

    Only for a stack that is down: ports of a running one would look taken and be replaced.
    """
    ports = settings.internal_ports
    if set(ports) != set(INTERNAL_PORTS) or not all(map(is_free, ports.values())):
        chosen = free_ports(len(INTERNAL_PORTS), but=(settings.s3_port, settings.airflow_port))
        ports = dict(zip(INTERNAL_PORTS, chosen, strict=True))
    saved = {"s3": settings.s3_port, "airflow": settings.airflow_port, **ports}
    (settings.state / "ports.json").write_text(json.dumps(saved, indent=2) + "\n")
    return Settings(settings.state, settings.s3_port, settings.airflow_port, ports, settings.dags_folders)


def _saved_ports(state: Path) -> dict[str, int]:
    try:
        return json.loads((state / "ports.json").read_text())
    except (OSError, ValueError):
        return {}  # never started, or the file was cut short: the defaults serve


def _port(environment: Mapping[str, str], variable: str, default: int) -> int:
    text = environment.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StackError(f"{variable} is {text!r}, which is no port: set it to a number from 1 to 65535.")
    return int(text)
