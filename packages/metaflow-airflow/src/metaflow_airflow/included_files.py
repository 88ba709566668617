"""Which files may be values of IncludeFile parameters: those uploaded for the flow. Standard library only."""

import json
import re
from typing import Any

# Metaflow's description of an uploaded file starts like this. Any other text would be the path of a file on
# the worker, and everybody who may start a run could read that file.
FILE_PATTERN = "^[{]"


def uploaded_file(text: str, flow: str) -> dict[str, Any]:
    """Return where an uploaded file is, in the form in which a compiled DAG describes the files of its flow.

    Anyone who may start a run can write the text, and Metaflow would read any URL in it, `local:///etc/passwd`
    too. So only the name of the file is taken from the text: the flow and the SHA-1 of the content. A step
    looks for that name below the root of its own datastore.

    Args:
        text: Metaflow's description of an uploaded file, in JSON.
        flow: The name of the flow that the file has to be uploaded for.

    Raises:
        ValueError: The text describes no such file.
    """
    match _parsed(text):
        case {
            "type": "uploader-v2",
            "sub-type": "uploaded",
            "url": str(url),
            "size": int(size),
            "is_text": bool(is_text),
            "encoding": str() | None as encoding,
        } if name := re.search(rf"/({re.escape(flow)}/[0-9a-f]{{40}})\Z", url):
            return {"path": name[1], "size": size, "is_text": is_text, "encoding": encoding}
    raise ValueError(f"is not a file that was uploaded for {flow}")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
