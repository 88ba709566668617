"""The ports that the stack listens on: S3_PORT, AIRFLOW_PORT, and those that nobody needs to know."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from local.errors import StackError
from local.stack.free_ports import free_ports, is_free

DEFAULT_S3_PORT = 8333
DEFAULT_AIRFLOW_PORT = 8080
SEAWEEDFS_PORTS = ("master", "master_grpc", "volume", "volume_grpc", "filer", "filer_grpc", "s3_grpc")
INTERNAL_PORTS = (*SEAWEEDFS_PORTS, "execution_api")


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one stack; `internal` has those of INTERNAL_PORTS once the stack has been started."""

    s3: int
    airflow: int
    internal: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> set[int]:
        """All ports that the stack listens on."""
        return {self.s3, self.airflow, *self.internal.values()}


def read_ports(environment: Mapping[str, str], state: Path) -> Ports:
    """Return the ports: from S3_PORT and AIRFLOW_PORT, else as the last start saved them, else the defaults.

    Raises:
        StackError: a variable is not a port number.
    """
    saved = _saved(state)
    return Ports(
        s3=_port(environment, "S3_PORT", saved.get("s3", DEFAULT_S3_PORT)),
        airflow=_port(environment, "AIRFLOW_PORT", saved.get("airflow", DEFAULT_AIRFLOW_PORT)),
        internal={name: saved[name] for name in INTERNAL_PORTS if name in saved},
    )


def complete_ports(ports: Ports, state: Path) -> Ports:
    """Return the ports with a free one for each internal name, and save all of them in the state directory.

    Internal ports are kept from one start to the next if they are still free. The stack must be down: the
    ports of a running one would look taken.
    """
    internal = ports.internal
    if set(internal) != set(INTERNAL_PORTS) or not all(map(is_free, internal.values())):
        chosen = free_ports(len(INTERNAL_PORTS), excluded=(ports.s3, ports.airflow))
        ports = replace(ports, internal=dict(zip(INTERNAL_PORTS, chosen, strict=True)))
    saved = {"s3": ports.s3, "airflow": ports.airflow, **ports.internal}
    (state / "ports.json").write_text(json.dumps(saved, indent=2) + "\n")
    return ports


def _saved(state: Path) -> dict[str, int]:
    try:
        saved: dict[str, int] = json.loads((state / "ports.json").read_text())
    except (OSError, ValueError):
        return {}  # never started, or an incomplete file
    return saved


def _port(environment: Mapping[str, str], variable: str, default: int) -> int:
    text = environment.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StackError(f"{variable} is {text!r}, which is not a port: set it to a number from 1 to 65535.")
    return int(text)
