"""Files that a command writes for other programs: run ids, and what Metaflow's Deployer reads."""

import json
from pathlib import Path
from typing import Any

from metaflow.exception import MetaflowException


def write_attributes(state: Any, file: str | None, **attributes: str) -> None:
    """Write the attributes that Metaflow's Deployer reads, if it named a file.

    Raises:
        MetaflowException: The file cannot be written.
    """
    content = {"name": state.dag_id, "metadata": state.metadata.metadata_str(), **attributes}
    write_output(file, json.dumps(content))


def write_output(file: str | None, text: str) -> None:
    """Write a text into a file, if one is named.

    Raises:
        MetaflowException: The file cannot be written.
    """
    if not file:
        return
    try:
        Path(file).write_text(text)
    except OSError as error:
        raise MetaflowException(f"{file} cannot be written: {error.strerror}.") from error
