"""Save the included files: the defaults of IncludeFile parameters, stored as Metaflow stores them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from metaflow.includefile import FilePathClass
from metaflow.parameters import deploy_time_eval
from metaflow.plugins import DATACLIENTS

DEFAULT_FORMAT = {"is_text": True, "encoding": "utf-8"}


def save_included_files(state: Any, *, upload: bool = True) -> dict[str, dict[str, Any]]:
    """Upload the files that are defaults of the flow's parameters; return their descriptions, by parameter.

    A description has the file's `path` below the root of Metaflow's data files, its `size` in bytes, and
    how to read it where that differs from DEFAULT_FORMAT.

    Args:
        state: The object of Metaflow's command line.
        upload: Without it nothing is uploaded; the descriptions are the same.
    """
    client = next(client for client in DATACLIENTS if client.TYPE == state.flow_datastore.TYPE)
    root = client.get_root_from_config(state.echo, create_on_absent=False)
    return {
        parameter.name: _upload(parameter, root) if upload else _describe(parameter, state.flow.name)
        for _, parameter in state.flow._get_parameters()
        if isinstance(parameter.kwargs.get("type"), FilePathClass) and parameter.kwargs.get("default")
    }


def _upload(parameter: Any, root: str) -> dict[str, Any]:
    """Upload a parameter's file and return its description."""
    file = json.loads(deploy_time_eval(parameter.kwargs["default"]))
    path = file["url"].removeprefix(root).lstrip("/")
    return _description(path, file["size"], file)


def _describe(parameter: Any, flow_name: str) -> dict[str, Any]:
    """Return the description that a parameter's file would have if it were uploaded."""
    content = Path(parameter.kwargs["default"]()).expanduser().read_bytes()
    sha = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # Metaflow's name for the file
    kind = parameter.kwargs["type"]
    file_format = {"is_text": kind._is_text, "encoding": kind._encoding}
    return _description(f"{flow_name}/{sha}", len(content), file_format)


def _description(path: str, size: int, file_format: dict[str, Any]) -> dict[str, Any]:
    differing = {
        name: file_format[name] for name, usual in DEFAULT_FORMAT.items() if file_format[name] != usual
    }
    return {"path": path, "size": size, **differing}
