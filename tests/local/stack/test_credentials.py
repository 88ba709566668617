"""A stack's secrets: kept from one start to the next, and completed when the project is updated."""

import json
from dataclasses import asdict
from pathlib import Path

from local.stack.credentials import load_credentials


def test_secrets_are_kept(tmp_path: Path) -> None:
    assert load_credentials(tmp_path) == load_credentials(tmp_path)


def test_a_secret_that_is_new_in_this_version_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    saved = asdict(load_credentials(tmp_path))
    password = saved.pop("airflow_password")
    (tmp_path / "credentials.json").write_text(json.dumps(saved))
    completed = asdict(load_credentials(tmp_path))
    assert {name: completed[name] for name in saved} == saved
    assert completed["airflow_password"] not in ("", password)
    assert asdict(load_credentials(tmp_path)) == completed
