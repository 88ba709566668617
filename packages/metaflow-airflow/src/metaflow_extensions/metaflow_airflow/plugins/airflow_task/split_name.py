"""The name of a task in a foreach: the values of the splits that lead to it."""

from collections.abc import Sequence
from typing import Any

from metaflow.metaflow_config import MAXIMUM_FOREACH_VALUE_CHARS

MOST_CHARACTERS = 200  # Airflow keeps up to 250; fewer also fit into what a pod can return
MARK_CHARACTERS = len("… #12345, ")


def split_name(stack: Sequence[Any]) -> str | None:
    """Return the values of the splits, outermost first, as one printable line; None outside of a foreach.

    A value is the text that Metaflow keeps of it, for its own UI; if that is shortened, the index of the
    split follows, because other values may begin in the same way.

    Args:
        stack: Metaflow's frames of the foreach steps around the task.
    """
    if not stack:
        return None
    room = max(MOST_CHARACTERS // len(stack) - MARK_CHARACTERS, 1)
    return ", ".join(_shown(frame, room) for frame in stack)[:MOST_CHARACTERS]


def _shown(frame: Any, room: int) -> str:
    if frame.value is None:  # METAFLOW_INCLUDE_FOREACH_STACK is off
        return str(frame.index)
    text = "".join(map(_printable, frame.value)) if frame.value.strip() else repr(frame.value)
    if len(frame.value) < MAXIMUM_FOREACH_VALUE_CHARS and len(text) <= room:
        return text
    return f"{text[:room]}… #{frame.index}"


def _printable(character: str) -> str:
    """Return a character, or its escape sequence if it is invisible, breaks the line or changes its order."""
    return character if character.isprintable() else character.encode("unicode_escape").decode()
