"""The stack's secrets: random per state directory, in one file that only its owner can read."""

import json
import os
import secrets
import string
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of one stack. They never leave the machine: everything listens on loopback."""

    s3_access_key: str
    s3_secret_key: str
    airflow_fernet_key: str
    airflow_jwt_secret: str
    airflow_secret_key: str
    airflow_password: str

    def __repr__(self) -> str:
        """Hide the secrets, because a repr may end up in a log."""
        return "Credentials(...)"


def load_credentials(state: Path) -> Credentials:
    """Return the secrets of a state directory; generate those that it does not have yet (mode 0600)."""
    file = state / "credentials.json"
    try:
        saved = json.loads(file.read_text())
    except (OSError, ValueError):
        saved = {}
    names = [field.name for field in fields(Credentials)]
    if set(saved) == set(names):
        return Credentials(**saved)
    # Those of an earlier version of this project stay: the data in the state directory depends on them.
    kept = {name: secret for name, secret in saved.items() if name in names}
    credentials = replace(_random_credentials(), **kept)
    write_private(file, json.dumps(asdict(credentials), indent=2) + "\n")
    return credentials


def write_private(file: Path, text: str) -> None:
    """Replace a file atomically; only its owner can read it, at any time."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:  # noqa: PTH123
        stream.write(text)
    draft.replace(file)


def _random_credentials() -> Credentials:
    alphabet = string.ascii_uppercase + string.digits
    return Credentials(
        s3_access_key="".join(secrets.choice(alphabet) for _ in range(20)),
        s3_secret_key=secrets.token_hex(20),
        airflow_fernet_key=urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        airflow_jwt_secret=secrets.token_hex(32),
        airflow_secret_key=secrets.token_hex(32),
        airflow_password=secrets.token_urlsafe(15),
    )
