"""Included files: the defaults of IncludeFile parameters, kept in the datastore as Metaflow keeps them."""

import json
from typing import Any

from metaflow.includefile import FilePathClass
from metaflow.parameters import deploy_time_eval
from metaflow.plugins import DATACLIENTS

# What every included file has unless its parameter says otherwise.
USUAL = {"is_text": True, "encoding": "utf-8"}


def save_included_files(state: Any) -> dict[str, dict[str, Any]]:
    """Upload the files that are defaults of the flow's parameters; return their descriptions, by parameter.

    A description has the file's `path` below the root of Metaflow's data files, its `size`, and what is
    unusual about reading it. `state` is the object of Metaflow's command line.
    """
    client = next(client for client in DATACLIENTS if client.TYPE == state.flow_datastore.TYPE)
    root = client.get_root_from_config(state.echo, create_on_absent=False)
    return {
        parameter.name: _description(json.loads(deploy_time_eval(parameter.kwargs["default"])), root)
        for _, parameter in state.flow._get_parameters()
        if isinstance(parameter.kwargs.get("type"), FilePathClass) and parameter.kwargs.get("default")
    }


def _description(uploaded: dict[str, Any], root: str) -> dict[str, Any]:
    path = uploaded["url"].removeprefix(root).lstrip("/")
    unusual = {name: uploaded[name] for name, usual in USUAL.items() if uploaded[name] != usual}
    return {"path": path, "size": uploaded["size"], **unusual}
